import { useTranslation } from 'react-i18next';
import type { Call, Exit } from '../api/types';
import { i18next } from '../i18n';
import type en from '../i18n/en';

type Reason = keyof (typeof en)['reason'];

const isKnown = (code: string): code is Reason => i18next.exists(`reason.${code}`);

/** Puts a verdict's reason into words; a code that is newer than this page is shown as it is. */
export function useReason(): (code: string) => string {
  const { t } = useTranslation();
  return (code) => {
    if (code === '') return '';
    return isKnown(code) ? t(`reason.${code}`) : t('reasonUnknown', { code });
  };
}

/** The ways out of a queue by which the PBX turns a caller away. */
const REFUSED: ReadonlySet<Exit | null | undefined> = new Set<Exit>([
  'join_empty',
  'leave_empty',
  'full',
]);

/**
 * The same for a call, whose last way out of a queue says more: `refused_late` is the code of every
 * call that the PBX ended late, and nobody was turned away who had left the queue by a key.
 */
export function useCallReason(): (call: Pick<Call, 'reason' | 'visits'>) => string {
  const reason = useReason();
  return ({ reason: code, visits }) => {
    const own = code === 'refused_late' && !REFUSED.has(visits.at(-1)?.exit);
    return reason(own ? 'ended_late' : code);
  };
}
