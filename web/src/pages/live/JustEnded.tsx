import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Call } from '../../api/types';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import type { QueueNames } from '../../live/hooks';
import { queueKey } from '../../live/keys';
import { VerdictMark } from '../../ui/marks';
import { useCallReason } from '../../ui/reason';
import styles from './JustEnded.module.css';

const SHOWN = 8;

interface Props {
  readonly ended: readonly Call[];
  readonly queues: QueueNames;
  readonly frozen: boolean;
}

/** The last calls with their verdicts, so that each promise kept or broken is seen as it happens. */
export const JustEnded = memo(function JustEnded({ ended, queues, frozen }: Props) {
  const { t } = useTranslation();
  return (
    <section className={styles.strip} data-frozen={frozen} aria-labelledby="ended">
      <h2 id="ended" className={styles.title}>
        {t('ended.title')}
      </h2>
      {ended.length === 0 && <p className={styles.none}>{t('ended.none')}</p>}
      <ol className={styles.list}>
        {ended.slice(0, SHOWN).map((call) => (
          <Ended key={call.id} call={call} queues={queues} />
        ))}
      </ol>
    </section>
  );
});

function Ended({ call, queues }: { call: Call; queues: Props['queues'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const reason = useCallReason();
  const time = call.ended_at === null ? '' : format.time(Date.parse(call.ended_at));
  const queue = call.visits.at(-1)?.queue ?? '';
  const place = queues.get(queueKey(call.pbx, queue))?.label ?? queue;
  return (
    <li className={styles.ended} data-verdict={call.verdict} title={[time, reason(call)].join(' ')}>
      <span className={styles.verdict}>
        <VerdictMark verdict={call.verdict} /> {t(`verdict.${call.verdict}`)}
      </span>
      <span className={styles.wait}>{call.wait_s === null ? '' : span(call.wait_s * 1000)}</span>
      <span className={styles.who}>
        {call.caller || t('caller.unknownNumber')}
        {place !== '' && ` · ${place}`}
      </span>
    </li>
  );
}
