import { Loader } from '@mantine/core';
import { useCallback, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useFormat } from '../../format/use-format';
import { groupAgents, staffOf } from '../../live/agents';
import { isOpen } from '../../live/alerts';
import { useLive, useTruth } from '../../live/context';
import type { Freeze } from '../../live/freeze';
import { useCalm, useQueueNames } from '../../live/hooks';
import type { LiveState } from '../../live/reducer';
import { lastWholeMinute } from '../../live/trend';
import { type Standing, useDerivedBoard, useStanding } from '../../live/use-board';
import { type BoardView, readView, shownQueues, writeView } from '../../live/view';
import { useTitle } from '../../shell/use-title';
import { Agents } from './Agents';
import { Alerts } from './Alerts';
import { EmptyBoard } from './EmptyBoard';
import { EnRoute } from './EnRoute';
import { Headline } from './Headline';
import { JustEnded } from './JustEnded';
import styles from './LivePage.module.css';
import { Overflow } from './Overflow';
import { QueueRows } from './QueueRows';
import { Queues } from './Queues';
import { StaleBanner } from './StaleBanner';
import { Toolbar } from './Toolbar';

/** In a rush ten calls end in a second: the strip of them moves on once in this time. */
const ENDED_MS = 1_000;

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

export function Connecting() {
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
  const [view, setView, setAgents] = useView();
  const people = usePeople(state);
  const frozen = wholeFrozen(freeze);
  const minute = lastWholeMinute(Date.parse(state.serverTime));
  const names = useQueueNames(state.queues);
  const ended = useCalm(state.ended, ENDED_MS);
  const openAlerts = [...state.alerts.values()].filter(isOpen).length;
  useLiveTitle(standing, state, frozen);
  const byKey = new Map(board.queues.map((queue) => [queue.key, queue]));
  const ordered = standing.keys.flatMap((key) => byKey.get(key) ?? []);
  const shown = shownQueues(ordered, view, standing.severities);
  if (board.queues.length === 0 && state.calls.size === 0) {
    return <EmptyBoard pbxs={[...state.pbxs.values()]} />;
  }
  const List = view.layout === 'rows' ? QueueRows : Queues;
  return (
    <>
      <Headline
        today={state.today}
        scope={state.scope}
        board={board}
        tally={standing.tally}
        agentsFree={people.free}
        trends={state.trends}
        minute={minute}
        frozen={frozen}
      />
      <BreachAnnouncer count={standing.tally.breached} />
      <JustEnded ended={ended} queues={names} frozen={frozen !== null} />
      <div className={styles.columns}>
        <div className={styles.main}>
          <Toolbar
            queues={names}
            shown={shown.length}
            view={view}
            onChange={setView}
            alerts={openAlerts}
          />
          {shown.length === 0 && <NothingShown view={view} />}
          <List
            queues={shown}
            standing={standing}
            staff={people.staff}
            trends={state.trends}
            minute={minute}
            withPbx={state.pbxs.size > 1}
            touchedAt={touchedAt}
          />
        </div>
        <div className={styles.side}>
          <Alerts alerts={state.alerts} queues={names} frozen={frozen !== null} />
          <EnRoute arriving={board.arriving} inVoiceServer={board.inVoiceServer} />
          <Overflow
            overflow={state.overflow}
            decisions={state.decisions}
            commands={state.commands}
            queues={names}
            frozen={frozen !== null}
          />
          <Agents
            agents={people.agents}
            queues={names}
            chosen={view.agents}
            onChoose={setAgents}
            frozen={frozen !== null}
          />
        </div>
      </div>
    </>
  );
}

/** The view that the address says; a change replaces the address, so that Back leaves the page. */
function useView(): [BoardView, (view: BoardView) => void, (agents: BoardView['agents']) => void] {
  const [params, setParams] = useSearchParams();
  const view = useMemo(() => readView(params), [params]);
  const change = useCallback(
    (next: BoardView) => setParams((before) => writeView(before, next), { replace: true }),
    [setParams],
  );
  const changeAgents = useCallback(
    (agents: BoardView['agents']) =>
      setParams((before) => writeView(before, { ...readView(before), agents }), { replace: true }),
    [setParams],
  );
  return [view, change, changeAgents];
}

function usePeople({ members }: LiveState) {
  return useMemo(() => {
    const agents = groupAgents(members.values());
    const free = agents.filter(({ state }) => state === 'available').length;
    return { agents, free, staff: staffOf(members.values()) };
  }, [members]);
}

function NothingShown({ view }: { view: BoardView }) {
  const { t } = useTranslation();
  return (
    <p className={styles.nothing} role="status">
      {view.trouble ? t('view.noTrouble') : t('view.nothing')}
    </p>
  );
}

/** Figures over all PBXs are frozen as soon as one of them is not seen. */
export function wholeFrozen(freeze: Freeze): number | null {
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
function useLiveTitle(standing: Standing, state: LiveState, frozen: number | null): void {
  const format = useFormat();
  const { ratio } = state.today.rate;
  const { breached } = standing.tally;
  const parts = [
    frozen === null ? '' : `⏸ ${format.time(frozen)}`,
    breached > 0 ? `⬢ ${format.integer(breached)}` : '',
    ratio === null ? '' : format.percent(ratio),
  ];
  useTitle(parts.filter((part) => part !== '').join(' '), frozen === null ? breached : null);
}
