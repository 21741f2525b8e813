import {
  IconBell,
  IconCircle,
  IconCoffee,
  IconHeadset,
  IconPencil,
  IconPlayerPause,
  IconPlugX,
  IconProgress,
  type TablerIcon,
} from '@tabler/icons-react';
import { memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { MemberState } from '../../api/types';
import { type Agent, byState, STATES } from '../../live/agents';
import { useFrozenAt } from '../../live/context';
import { type QueueNames, useCaller } from '../../live/hooks';
import { queueKey } from '../../live/keys';
import { toggled } from '../../live/view';
import { Since } from '../../ui/running';
import { callPath } from '../paths';
import styles from './Agents.module.css';
import panel from './Panel.module.css';

const ICONS: Record<MemberState, TablerIcon> = {
  talking: IconHeadset,
  on_hold: IconPlayerPause,
  ringing: IconBell,
  wrap_up: IconPencil,
  available: IconCircle,
  paused: IconCoffee,
  busy: IconProgress,
  unavailable: IconPlugX,
};

interface Props {
  readonly agents: readonly Agent[];
  readonly queues: QueueNames;
  /** States that are listed; empty: all. */
  readonly chosen: ReadonlySet<MemberState>;
  /** Null: all are listed. */
  readonly onChoose: ((states: ReadonlySet<MemberState>) => void) | null;
  readonly frozen: boolean;
}

export const Agents = memo(function Agents(props: Props) {
  const { agents, queues, chosen, onChoose, frozen } = props;
  const { t } = useTranslation();
  const groups = useMemo(() => byState(agents), [agents]);
  const counts = new Map(groups.map(([state, list]) => [state, list.length]));
  const offered = STATES.filter((state) => counts.has(state) || chosen.has(state));
  const shown = groups.filter(([state]) => chosen.size === 0 || chosen.has(state));
  return (
    <section className={panel.panel} aria-labelledby="agents">
      <h2 id="agents" className={panel.title}>
        {t('agents.title')}
      </h2>
      {groups.length === 0 && <p className={panel.none}>{t('agents.none')}</p>}
      <ul className={styles.counts} data-frozen={frozen}>
        {offered.map((state) => (
          <li key={state}>
            <button
              type="button"
              data-state={state}
              aria-pressed={chosen.has(state)}
              title={t('agents.only', { state: t(`agents.state.${state}`) })}
              disabled={onChoose === null}
              onClick={() => onChoose?.(toggled(chosen, state))}
            >
              <StateIcon state={state} />
              <strong>{counts.get(state) ?? 0}</strong>
              <span className="sr-only">{t(`agents.state.${state}`)}</span>
            </button>
          </li>
        ))}
      </ul>
      {groups.length > 0 && shown.length === 0 && (
        <p className={panel.none}>{t('agents.noneSo')}</p>
      )}
      {shown.map(([state, list]) => (
        <div key={state} className={panel.group}>
          <h3 className={panel.groupTitle}>
            {t(`agents.state.${state}`)} <span className={panel.groupCount}>{list.length}</span>
          </h3>
          <ul className={styles.list} data-state={state}>
            {list.map((agent) => (
              <AgentRow
                key={agent.key}
                agent={agent}
                place={labelOf(queues, agent, agent.queue)}
                pausedIn={agent.pausedIn.map((queue) => labelOf(queues, agent, queue)).join(', ')}
              />
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
});

const labelOf = (queues: QueueNames, agent: Agent, queue: string): string =>
  queues.get(queueKey(agent.pbx, queue))?.label ?? queue;

export function StateIcon({ state }: { state: MemberState }) {
  const Icon = ICONS[state];
  return <Icon size="1em" stroke={2} className={styles.icon} aria-hidden />;
}

interface RowProps {
  readonly agent: Agent;
  readonly place: string;
  readonly pausedIn: string;
}

/** States in which it matters which queue the agent works for. */
const PLACED: ReadonlySet<MemberState> = new Set(['talking', 'on_hold', 'ringing', 'wrap_up']);

const AgentRow = memo(
  function AgentRow({ agent, place, pausedIn }: RowProps) {
    const caller = useCaller(agent.callId);
    const { t } = useTranslation();
    const frozen = useFrozenAt(agent.pbx) !== null;
    const notes = [
      PLACED.has(agent.state) ? place : '',
      agent.pauseReason,
      pausedIn === '' ? '' : t('agents.pausedIn', { queues: pausedIn }),
    ].filter((note) => note !== '');
    return (
      <li className={styles.agent} data-frozen={frozen} title={agent.interface}>
        <StateIcon state={agent.state} />
        <span className={styles.name}>{agent.name}</span>
        <span className={styles.notes}>
          {notes.join(' · ')}
          {agent.callId !== '' && (
            <Link to={callPath(agent.callId)} className={styles.caller}>
              {caller || t('caller.unknownNumber')}
            </Link>
          )}
          {agent.missed > 0 && (
            <span className={styles.missed} title={t('agents.missedHelp')}>
              {t('agents.missed', { count: agent.missed })}
            </span>
          )}
        </span>
        <Since pbx={agent.pbx} since={agent.since} className={styles.since} />
      </li>
    );
  },
  (before, after) =>
    before.place === after.place &&
    before.pausedIn === after.pausedIn &&
    before.agent.key === after.agent.key &&
    before.agent.callId === after.agent.callId &&
    before.agent.name === after.agent.name &&
    before.agent.state === after.agent.state &&
    before.agent.since === after.agent.since &&
    before.agent.missed === after.agent.missed &&
    before.agent.pauseReason === after.agent.pauseReason,
);
