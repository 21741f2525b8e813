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
  /** How it ended and when; empty while it lasts. */
  readonly over: string;
}

type Said = Omit<AlertWords, 'over'>;

/** What an alert says, in the page's language; `label` gives a queue's name. */
export function useAlertWords(): (
  alert: Alert,
  label: (pbx: string, queue: string) => string,
) => AlertWords {
  const { t } = useTranslation();
  const format = useFormat();

  const caller = ({ params, ended_at }: Alert, queue: string): Said => {
    const within = typeof params.within_ms === 'number' ? span(params.within_ms) : '';
    return {
      title: t(ended_at === null ? 'alert.callerBreached' : 'alert.callerWas', {
        caller: params.caller || t('caller.unknownNumber'),
      }),
      detail: [queue, within === '' ? '' : t('alert.within', { within })]
        .filter((part) => part !== '')
        .join(' · '),
    };
  };

  const unstaffed = ({ params, ended_at }: Alert, queue: string): Said => {
    const why = String(params.why ?? '');
    return {
      title: t(ended_at === null ? 'alert.queueUnstaffed' : 'alert.queueWas', { queue }),
      detail: [
        isWhy(why) ? t(`alert.${ended_at === null ? 'why' : 'whyWas'}.${why}`) : '',
        typeof params.waiting === 'number'
          ? t('alert.waiting', { count: params.waiting, shown: format.integer(params.waiting) })
          : '',
      ]
        .filter((part) => part !== '')
        .join(' · '),
    };
  };

  const said = (alert: Alert, queue: string): Said => {
    const isOver = alert.ended_at !== null;
    switch (alert.kind) {
      case 'caller_breached':
        return caller(alert, queue);
      case 'queue_unstaffed':
        return unstaffed(alert, queue);
      case 'link_lost':
        return {
          title: t(isOver ? 'alert.linkWas' : 'alert.linkLost', { pbx: alert.pbx }),
          detail: '',
        };
      case 'history_failing':
        return { title: t(isOver ? 'alert.historyWas' : 'alert.historyFailing'), detail: '' };
      case 'contacts_overdue':
        return {
          title: t(isOver ? 'alert.contactsWere' : 'alert.contactsOverdue', { queue }),
          detail: t('alert.overdue', { count: Number(alert.params.overdue ?? 0) }),
        };
      default:
        // A kind that is newer than this page.
        return { title: t('alert.other'), detail: queue };
    }
  };

  const over = ({ ended_at, params }: Alert): string => {
    if (ended_at === null) return '';
    const time = format.time(Date.parse(ended_at));
    const outcome = String(params.outcome ?? '');
    return isOutcome(outcome) ? t(`alert.outcome.${outcome}`, { time }) : t('alert.over', { time });
  };

  return (alert, label) => ({
    ...said(alert, alert.queue === '' ? '' : label(alert.pbx, alert.queue)),
    over: over(alert),
  });
}
