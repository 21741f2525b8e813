import { IconArrowLeft } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { LiveQueue } from '../../api/types';
import { useFormat } from '../../format/use-format';
import { groupAgents, NOBODY, staffOf } from '../../live/agents';
import type { QueueBoard } from '../../live/board';
import { longestOf, minuteOf } from '../../live/caller';
import { useFrozenAt, useLive } from '../../live/context';
import { useQueueNames } from '../../live/hooks';
import { queueKey } from '../../live/keys';
import type { LiveState } from '../../live/reducer';
import { lastWholeMinute, minutesOfQueue } from '../../live/trend';
import { useDerivedBoard } from '../../live/use-board';
import { Notice } from '../../shell/Notice';
import { useTitle } from '../../shell/use-title';
import { AsOf } from '../../ui/AsOf';
import { Since } from '../../ui/running';
import { Agents } from '../live/Agents';
import { CallerRow } from '../live/CallerRow';
import { Connecting } from '../live/LivePage';
import { Line } from '../live/Overflow';
import panel from '../live/Panel.module.css';
import { StaleBanner } from '../live/StaleBanner';
import { LastCalls } from './LastCalls';
import styles from './QueuePage.module.css';
import { Rules } from './Rules';
import { Thresholds } from './Thresholds';
import { Today } from './Today';
import { TrendChart } from './TrendChart';

const DECISIONS = 8;

/** One queue, all of it: now, the last hour, today, and what acts on it. */
export default function QueuePage() {
  const { pbx = '', queue = '' } = useParams();
  const { state } = useLive();
  return (
    <>
      <StaleBanner />
      <main id="content" className={styles.page}>
        {state === null ? (
          <Connecting />
        ) : (
          <Found state={state} pbx={pbx} queue={queue} key={`${pbx}/${queue}`} />
        )}
      </main>
    </>
  );
}

function Found({ state, pbx, queue }: { state: LiveState; pbx: string; queue: string }) {
  const { t } = useTranslation();
  const board = useDerivedBoard(state);
  const key = queueKey(pbx, queue);
  const found = board.queues.find((one) => one.key === key);
  useTitle(found?.queue.label ?? queue);
  if (found === undefined) {
    return (
      <Notice>
        <h1>{t('queuePage.title', { queue })}</h1>
        <p>{t('queuePage.unknown', { queue, pbx })}</p>
        <Link to="/">{t('queuePage.back')}</Link>
      </Notice>
    );
  }
  return <Queue state={state} board={found} />;
}

function Queue({ state, board }: { state: LiveState; board: QueueBoard }) {
  const { t } = useTranslation();
  const { queue, callers, key } = board;
  const members = useMembers(state, queue);
  const names = useQueueNames(state.queues);
  const frozen = useFrozenAt(queue.pbx);
  const minute = lastWholeMinute(Date.parse(state.serverTime));
  const decisions = state.decisions.filter(
    (decision) => decision.pbx === queue.pbx && decision.queue === queue.name,
  );
  return (
    <>
      <header className={styles.head}>
        <Link to="/" className={styles.back}>
          <IconArrowLeft size="1em" aria-hidden />
          {t('queuePage.back')}
        </Link>
        <h1>
          {queue.label}
          {state.pbxs.size > 1 && <small>{queue.pbx}</small>}
          {frozen !== null && <AsOf at={frozen} />}
        </h1>
      </header>
      <Now board={board} free={members.staff.free} total={members.staff.total} />
      <div className={styles.columns}>
        <div className={styles.main}>
          <section className={panel.panel} aria-labelledby="callers">
            <h2 id="callers" className={panel.title}>
              {t('queuePage.callers')}
            </h2>
            {callers.length === 0 && <p className={panel.none}>{t('queuePage.nobody')}</p>}
            <ol className={styles.callers} data-frozen={frozen !== null}>
              {callers.map((call, index) => (
                <CallerRow key={call.id} call={call} position={index + 1} />
              ))}
            </ol>
          </section>
          <section className={panel.panel} aria-labelledby="hour">
            <h2 id="hour" className={panel.title}>
              {t('queuePage.hour')}
            </h2>
            <TrendChart
              minutes={minutesOfQueue(state.trends, key, minute)}
              target={queue.target}
              name={queue.label}
            />
          </section>
          <LastCalls queue={queue} ended={state.ended} />
        </div>
        <div className={styles.side}>
          <Today queue={queue} />
          <Agents
            agents={members.agents}
            queues={names}
            chosen={NO_CHOICE}
            onChoose={null}
            frozen={frozen !== null}
          />
          <Rules queue={queue} />
          {decisions.length > 0 && (
            <section className={panel.panel} aria-labelledby="decisions">
              <h2 id="decisions" className={panel.title}>
                {t('overflow.title')}
              </h2>
              <ol className={styles.decisions}>
                {decisions.slice(0, DECISIONS).map((decision) => (
                  <Line
                    key={decision.id}
                    decision={decision}
                    command={state.commands.get(decision.id) ?? null}
                    queues={names}
                  />
                ))}
              </ol>
            </section>
          )}
          <Thresholds queue={queue} />
        </div>
      </div>
    </>
  );
}

const NO_CHOICE = new Set<never>();

function useMembers({ members }: LiveState, { pbx, name }: LiveQueue) {
  return useMemo(() => {
    const own = [...members.values()].filter(
      (member) => member.pbx === pbx && member.queue === name,
    );
    const staff = staffOf(own).get(queueKey(pbx, name)) ?? NOBODY;
    return { agents: groupAgents(own), staff };
  }, [members, pbx, name]);
}

function Now({ board, free, total }: { board: QueueBoard; free: number; total: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { callers } = board;
  const longest = longestOf(callers.slice(0, 1));
  // A breach is the server's to say: no clock of this browser has a part in it.
  const breached = callers.filter((call) => minuteOf(call).breached).length;
  return (
    <ul className={styles.now} aria-label={t('headline.now')}>
      <li>
        <strong>{format.integer(callers.length)}</strong> {t('headline.waiting')}
      </li>
      <li data-tone={breached > 0 ? 'breached' : undefined}>
        <strong>{format.integer(breached)}</strong> {t('headline.breached')}
      </li>
      <li>
        <strong>
          {longest === null ? '–' : <Since pbx={longest.pbx} since={longest.since} />}
        </strong>{' '}
        {t('headline.longest')}
      </li>
      <li data-tone={free === 0 && callers.length > 0 ? 'breached' : undefined}>
        <strong>
          {free}/{total}
        </strong>{' '}
        {t('headline.agentsFree')}
      </li>
    </ul>
  );
}
