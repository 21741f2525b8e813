import { useTranslation } from 'react-i18next';
import type { Alert } from '../api/types';
import { span } from '../format/format';
import { useFormat } from '../format/use-format';
import { i18next } from '../i18n';
import type en from '../i18n/en';

type Texts = (typeof en)['alert'];
type Why = keyof Texts['why'];
type Outcome = keyof Texts['outcome'];
const isWhy = (code: string): code is Why => i18next.exists(`alert.why.${code}`);
const isOutcome = (code: string): code is Outcome => i18next.exists(`alert.outcome.${code}`);

export interface AlertWords {
  readonly title: string;
  readonly detail: string;
}

/** What an alert says, in the page's language; `label` gives a queue's name. */
export function useAlertWords(): (
  alert: Alert,
  label: (pbx: string, queue: string) => string,
) => AlertWords {
  const { t } = useTranslation();
  const format = useFormat();

  const caller = ({ params }: Alert, queue: string): AlertWords => {
    const within = typeof params.within_ms === 'number' ? span(params.within_ms) : '';
    const outcome = String(params.outcome ?? '');
    return {
      title: t('alert.callerBreached', { caller: params.caller || t('caller.unknownNumber') }),
      detail: [
        queue,
        within === '' ? '' : t('alert.within', { within }),
        isOutcome(outcome) ? t(`alert.outcome.${outcome}`) : '',
      ]
        .filter((part) => part !== '')
        .join(' · '),
    };
  };

  const unstaffed = ({ params }: Alert, queue: string): AlertWords => {
    const why = String(params.why ?? '');
    return {
      title: t('alert.queueUnstaffed', { queue }),
      detail: [
        isWhy(why) ? t(`alert.why.${why}`) : '',
        typeof params.waiting === 'number'
          ? t('alert.waiting', { count: params.waiting, shown: format.integer(params.waiting) })
          : '',
      ]
        .filter((part) => part !== '')
        .join(' · '),
    };
  };

  return (alert, label) => {
    const queue = alert.queue === '' ? '' : label(alert.pbx, alert.queue);
    switch (alert.kind) {
      case 'caller_breached':
        return caller(alert, queue);
      case 'queue_unstaffed':
        return unstaffed(alert, queue);
      case 'link_lost':
        return { title: t('alert.linkLost', { pbx: alert.pbx }), detail: '' };
      case 'history_failing':
        return { title: t('alert.historyFailing'), detail: '' };
      default:
        // A kind that is newer than this page.
        return { title: t('alert.other'), detail: queue };
    }
  };
}
