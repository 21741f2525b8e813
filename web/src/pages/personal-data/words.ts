import { useTranslation } from 'react-i18next';
import { i18next } from '../../i18n';
import type texts from '../../i18n/en/personal.json';

type Known = keyof (typeof texts)['personal']['kind'];

const isKnown = (kind: string): kind is Known => i18next.exists(`personal.kind.${kind}.name`);

/** What a kind of data is called; one that is newer than this page stands by its code. */
export function useKindName(): (kind: string) => string {
  const { t } = useTranslation();
  return (kind) => (isKnown(kind) ? t(`personal.kind.${kind}.name`) : kind);
}
