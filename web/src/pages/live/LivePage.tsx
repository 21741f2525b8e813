import { Loader } from '@mantine/core';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import { groupAgents } from '../../live/agents';
import { useLive, useTruth } from '../../live/context';
import type { Freeze } from '../../live/freeze';
import type { LiveState } from '../../live/reducer';
import { type Standing, useDerivedBoard, useStanding } from '../../live/use-board';
import { Agents } from './Agents';
import { EmptyBoard } from './EmptyBoard';
import { EnRoute } from './EnRoute';
import { Headline } from './Headline';
import { JustEnded } from './JustEnded';
import styles from './LivePage.module.css';
import { Overflow } from './Overflow';
import { Queues } from './Queues';
import { StaleBanner } from './StaleBanner';

export function LivePage() {
  const { t } = useTranslation();
  const { state } = useLive();
  return (
    <>
      <StaleBanner />
      <main id="content" className={styles.page}>
        <h1 className="sr-only">{t('live.title')}</h1>
        {state === null ? <Connecting /> : <LiveBoard state={state} />}
      </main>
    </>
  );
}

function Connecting() {
  const { t } = useTranslation();
  return (
    <div className={styles.connecting} role="status">
      <Loader size="sm" />
      <strong>{t('live.connectingTitle')}</strong>
      <span>{t('live.connectingText')}</span>
    </div>
  );
}

function LiveBoard({ state }: { state: LiveState }) {
  const board = useDerivedBoard(state);
  const touchedAt = useRef(Number.NEGATIVE_INFINITY);
  const standing = useStanding(board, touchedAt);
  const { freeze } = useTruth();
  const free = useMemo(
    () => groupAgents(state.members.values()).filter(({ state: is }) => is === 'available').length,
    [state.members],
  );
  const frozen = wholeFrozen(freeze);
  useTitle(standing, state, frozen);
  if (board.queues.length === 0 && state.calls.size === 0) {
    return <EmptyBoard pbxs={[...state.pbxs.values()]} />;
  }
  return (
    <>
      <Headline
        today={state.today}
        board={board}
        tally={standing.tally}
        agentsFree={free}
        frozen={frozen}
      />
      <BreachAnnouncer count={standing.tally.breached} />
      <JustEnded ended={state.ended} queues={state.queues} frozen={frozen !== null} />
      <div className={styles.columns}>
        <Queues queues={board.queues} standing={standing} touchedAt={touchedAt} />
        <div className={styles.side}>
          <EnRoute arriving={board.arriving} inVoiceServer={board.inVoiceServer} />
          <Overflow
            overflow={state.overflow}
            decisions={state.decisions}
            commands={state.commands}
            queues={state.queues}
            frozen={frozen !== null}
          />
          <Agents
            members={state.members}
            calls={state.calls}
            queues={state.queues}
            frozen={frozen !== null}
          />
        </div>
      </div>
    </>
  );
}

/** Figures over all PBXs are frozen as soon as one of them is not seen. */
function wholeFrozen(freeze: Freeze): number | null {
  const moments = [...freeze.pbxs.values(), ...(freeze.all === null ? [] : [freeze.all])];
  return moments.length === 0 ? null : Math.min(...moments);
}

/** Tells a screen reader that somebody passed the deadline; silent while nothing changes. */
function BreachAnnouncer({ count }: { count: number }) {
  const { t } = useTranslation();
  return (
    <p className="sr-only" role="status">
      {count > 0 ? t('live.breachAnnounce', { count }) : ''}
    </p>
  );
}

/** The tab tells the state while another one is in front. */
function useTitle(standing: Standing, state: LiveState, frozen: number | null): void {
  const { t } = useTranslation();
  const format = useFormat();
  const { ratio } = state.today.rate;
  const { breached } = standing.tally;
  const parts = [
    frozen === null ? '' : `⏸ ${format.time(frozen)}`,
    breached > 0 ? `⬢ ${format.integer(breached)}` : '',
    ratio === null ? '' : format.percent(ratio),
  ].filter((part) => part !== '');
  const title = [parts.join(' '), t('app.name')].filter((part) => part !== '').join(' – ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}
