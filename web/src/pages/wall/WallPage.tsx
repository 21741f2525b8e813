import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import { groupAgents, staffOf } from '../../live/agents';
import { isLoud } from '../../live/alerts';
import { useLive, useTruth } from '../../live/context';
import type { LiveState } from '../../live/reducer';
import { useDerivedBoard, useStanding } from '../../live/use-board';
import { nextSlide, slideId, slidesOf, type WallSettings, type WallSlide } from '../../live/wall';
import { useNewVersion } from '../../shell/new-version';
import { useTitle } from '../../shell/use-title';
import { wholeFrozen } from '../live/LivePage';
import { AgentsView } from './AgentsView';
import { OverviewView } from './OverviewView';
import { QueueView } from './QueueView';
import { useDrift, useFullScreen, useIdlePointer, useWakeLock } from './screen';
import styles from './Wall.module.css';
import { WallClock } from './WallClock';

/** A board for a big screen, read from across the room, turning by itself, for weeks. */
export function WallPage({ settings }: { settings: WallSettings }) {
  const { t } = useTranslation();
  const { state } = useLive();
  const page = useRef<HTMLDivElement>(null);
  useWakeLock();
  useDrift(page);
  const pointerIdle = useIdlePointer();
  const isNew = useNewVersion();
  useEffect(() => {
    if (isNew) window.location.reload();
  }, [isNew]);
  return (
    <div className={styles.wall} data-idle={pointerIdle}>
      <div ref={page} className={styles.drifting}>
        {state === null ? (
          <Waiting />
        ) : (
          <Turning state={state} settings={settings} pointerIdle={pointerIdle} />
        )}
      </div>
      <h1 className="sr-only">{t('wall.title')}</h1>
    </div>
  );
}

function Waiting() {
  const { t } = useTranslation();
  const { phase } = useLive();
  const away = phase.kind === 'stale';
  return (
    <main id="content" className={styles.plain} role="status">
      <p className={styles.plainTitle}>{t(away ? 'wall.offline' : 'live.connectingTitle')}</p>
      {away && <p>{t('wall.offlineText')}</p>}
    </main>
  );
}

interface TurningProps {
  readonly state: LiveState;
  readonly settings: WallSettings;
  readonly pointerIdle: boolean;
}

function Turning({ state, settings, pointerIdle }: TurningProps) {
  const { freeze } = useTruth();
  const frozen = wholeFrozen(freeze);
  const known = useKnown(state);
  const slides = useMemo(() => slidesOf(settings, known), [settings, known]);
  const [paused, setPaused] = useState(false);
  const [slide, turn] = useSlides(slides, settings.everyS, paused);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === 'ArrowRight') turn();
      if (event.key === ' ' && !(event.target instanceof HTMLButtonElement)) setPaused((is) => !is);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [turn]);
  return (
    <>
      <NotLive state={state} />
      <main id="content" className={styles.main} data-frozen={frozen !== null}>
        <Picture slide={slide} state={state} />
      </main>
      <footer className={styles.footer}>
        <WallClock />
        <OpenAlerts state={state} />
        <Dots slides={slides} current={slideId(slide)} />
      </footer>
      <Controls paused={paused} onPause={() => setPaused(!paused)} hidden={pointerIdle} />
    </>
  );
}

/** The keys of all queues; the same set as long as it holds the same. */
function useKnown({ queues }: LiveState): ReadonlySet<string> {
  const text = [...queues.keys()].join('\n');
  return useMemo(() => new Set(text.split('\n')), [text]);
}

function useSlides(
  slides: readonly WallSlide[],
  everyS: number,
  paused: boolean,
): [WallSlide, () => void] {
  const [current, setCurrent] = useState(() => slideId(slides[0] as WallSlide));
  const turn = useMemo(() => () => setCurrent((id) => slideId(nextSlide(slides, id))), [slides]);
  useEffect(() => {
    if (paused || slides.length < 2) return;
    const timer = window.setInterval(turn, everyS * 1000);
    return () => window.clearInterval(timer);
  }, [turn, slides.length, everyS, paused]);
  const slide = slides.find((one) => slideId(one) === current) ?? (slides[0] as WallSlide);
  return [slide, turn];
}

function Picture({ slide, state }: { slide: WallSlide; state: LiveState }) {
  const board = useDerivedBoard(state);
  const touchedAt = useRef(Number.NEGATIVE_INFINITY);
  const standing = useStanding(board, touchedAt);
  const agents = useMemo(() => groupAgents(state.members.values()), [state.members]);
  const staff = useMemo(() => staffOf(state.members.values()), [state.members]);
  const free = agents.filter((agent) => agent.state === 'available').length;
  const { breached } = standing.tally;
  const format = useFormat();
  useTitle(breached > 0 ? `⬢ ${format.integer(breached)}` : '', breached);
  const byKey = new Map(board.queues.map((queue) => [queue.key, queue]));
  const ordered = standing.keys.flatMap((key) => byKey.get(key) ?? []);
  if (slide.kind === 'agents') return <AgentsView agents={agents} queues={state.queues} />;
  const shown =
    slide.kind === 'queue' ? byKey.get(slide.key) : slide.kind === 'worst' ? ordered[0] : undefined;
  if (shown !== undefined) {
    return (
      <QueueView
        board={shown}
        severity={standing.severities.get(shown.key) ?? 0}
        staff={staff.get(shown.key) ?? { free: 0, total: 0 }}
        worst={slide.kind === 'worst'}
      />
    );
  }
  return (
    <OverviewView
      today={state.today}
      board={board}
      standing={standing}
      worst={ordered}
      agentsFree={free}
    />
  );
}

/** A wall that stands still must be seen to stand still from the far end of the room. */
function NotLive({ state }: { state: LiveState }) {
  const { t } = useTranslation();
  const { phase } = useLive();
  const { freeze } = useTruth();
  const format = useFormat();
  const since = freeze.all ?? wholeFrozen(freeze);
  const lost = [...state.pbxs.values()].filter((pbx) => pbx.state !== 'connected');
  return (
    <div role="alert">
      {(phase.kind === 'stale' || lost.length > 0) && (
        <div className={styles.notLive}>
          <strong>{t('wall.notLive')}</strong>
          <span>
            {since !== null && t('wall.since', { time: format.time(since) })}
            {phase.kind !== 'stale' &&
              ` · ${lost.map((pbx) => t('wall.pbxLost', { pbx: pbx.name })).join(' · ')}`}
          </span>
        </div>
      )}
    </div>
  );
}

function OpenAlerts({ state }: { state: LiveState }) {
  const { t } = useTranslation();
  const count = [...state.alerts.values()].filter(isLoud).length;
  if (count === 0) return <span />;
  return <span className={styles.alerts}>{t('wall.alerts', { count })}</span>;
}

function Dots({ slides, current }: { slides: readonly WallSlide[]; current: string }) {
  const { t } = useTranslation();
  const index = slides.findIndex((slide) => slideId(slide) === current);
  if (slides.length < 2) return <span />;
  return (
    <span className={styles.dots}>
      {slides.map((slide) => (
        <i key={slideId(slide)} data-current={slideId(slide) === current} />
      ))}
      <span className="sr-only">{t('wall.slide', { index: index + 1, count: slides.length })}</span>
    </span>
  );
}

interface ControlsProps {
  readonly paused: boolean;
  readonly onPause: () => void;
  readonly hidden: boolean;
}

/** Come with the pointer, and go with it. */
function Controls({ paused, onPause, hidden }: ControlsProps) {
  const { t } = useTranslation();
  const fullScreen = useFullScreen();
  return (
    <div className={styles.controls} data-hidden={hidden}>
      <button type="button" onClick={onPause}>
        {t(paused ? 'wall.resume' : 'wall.pause')}
      </button>
      {fullScreen !== null && (
        <button type="button" onClick={fullScreen}>
          {t('wall.fullScreen')}
        </button>
      )}
      <a href="/">{t('wall.leave')}</a>
    </div>
  );
}
