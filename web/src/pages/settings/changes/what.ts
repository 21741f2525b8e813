/** A change in words, by its stable code; pure. */
import type { TFunction } from 'i18next';
import type { SettingsChange } from '../../../api/types';
import { i18next } from '../../../i18n';
import type en from '../../../i18n/en';

type Kind = keyof (typeof en)['settings']['kind'];
type What = keyof (typeof en)['settings']['what'];

const isKind = (code: string): code is Kind => i18next.exists(`settings.kind.${code}`);
const isWhat = (code: string): code is What => i18next.exists(`settings.what.${code}`);

export const kindName = (t: TFunction, kind: string): string =>
  isKind(kind) ? t(`settings.kind.${kind}`) : kind;

/** `Queue support: changed`; a code that is newer than this page stands as it is. */
export function whatHappened(t: TFunction, { what, kind, id }: SettingsChange): string {
  const verb = what.split('_').at(-1) ?? '';
  const done = isWhat(what)
    ? t(`settings.what.${what}`)
    : isWhat(verb)
      ? t(`settings.what.${verb}`)
      : what;
  const name = kindName(t, kind);
  return id === '' || id === kind
    ? `${name} ${done}`
    : t('settings.changes.one', { name, id, done });
}
