import { useTranslation } from 'react-i18next';
import { useQueueLabel } from '../../../ui/queue-label';
import type { QueueRef } from './queries';

const SHOWN = 3;

/** Queues in a few words: all, none, or the first of them and how many more. */
export function useQueueWords(): (queues: readonly QueueRef[] | null) => string {
  const { t } = useTranslation();
  const label = useQueueLabel();
  return (queues) => {
    if (queues === null) return t('access.allShort');
    if (queues.length === 0) return t('access.noneShort');
    const words = queues.map(({ pbx, queue }) =>
      pbx === '' ? label(queue) : t('access.queueOn', { queue: label(queue), pbx }),
    );
    const shown = words.slice(0, SHOWN).join(', ');
    const more = words.length - SHOWN;
    return more > 0 ? t('access.andMore', { shown, count: more }) : shown;
  };
}
