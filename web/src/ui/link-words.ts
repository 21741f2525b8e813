/** What is wrong with a link, in the page's language. */
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { LivePbx } from '../api/types';
import { i18next } from '../i18n';
import type en from '../i18n/en';

type Code = keyof (typeof en)['link']['warning'];

const isKnown = (code: string): code is Code => i18next.exists(`link.warning.${code}`);
const READ_CLASS = 'read_class_';

function warning(t: TFunction, pbx: string, code: string, text: string): string {
  if (!isKnown(code)) return text;
  const words = t(`link.warning.${code}`, { pbx });
  if (!code.startsWith(READ_CLASS)) return words;
  return `${words} ${t('link.readClass', { name: code.slice(READ_CLASS.length) })}`;
}

export interface LinkWords {
  /** A sentence for each warning; the server's own on an English page, as it knows more. */
  warnings(pbx: Pick<LivePbx, 'name' | 'warnings'>): string[];
  /** Why it is in this state: what to look at, and the server's own sentence, which is English. */
  detail(pbx: Pick<LivePbx, 'state' | 'detail'>): string;
}

export function useLinkWords(): LinkWords {
  const { t, i18n } = useTranslation();
  const english = i18n.resolvedLanguage === 'en';
  return {
    warnings: ({ name, warnings }) =>
      Object.entries(warnings).map(([code, text]) =>
        english ? text : warning(t, name, code, text),
      ),
    detail: ({ state, detail }) => {
      if (state === 'connected') return detail;
      if (english && detail !== '') return detail;
      const words = t(`stale.pbxDefault.${state}`);
      return detail === '' ? words : `${words} ${t('link.original', { text: detail })}`;
    },
  };
}
