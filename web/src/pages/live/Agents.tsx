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
import type { Call, LiveMember, LiveQueue, MemberState } from '../../api/types';
import { type Agent, byState, groupAgents } from '../../live/agents';
import { useFrozenAt } from '../../live/context';
import { queueKey } from '../../live/reducer';
import { Since } from '../../ui/running';
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
  readonly members: ReadonlyMap<string, LiveMember>;
  readonly calls: ReadonlyMap<string, Call>;
  readonly queues: ReadonlyMap<string, LiveQueue>;
  readonly frozen: boolean;
}

export function Agents({ members, calls, queues, frozen }: Props) {
  const { t } = useTranslation();
  const groups = useMemo(() => byState(groupAgents(members.values())), [members]);
  return (
    <section className={panel.panel} aria-labelledby="agents">
      <h2 id="agents" className={panel.title}>
        {t('agents.title')}
      </h2>
      {groups.length === 0 && <p className={panel.none}>{t('agents.none')}</p>}
      <ul className={styles.counts} data-frozen={frozen}>
        {groups.map(([state, agents]) => (
          <li key={state} data-state={state} title={t(`agents.state.${state}`)}>
            <StateIcon state={state} />
            <strong>{agents.length}</strong>
            <span className="sr-only">{t(`agents.state.${state}`)}</span>
          </li>
        ))}
      </ul>
      {groups.map(([state, agents]) => (
        <div key={state} className={panel.group}>
          <h3 className={panel.groupTitle}>
            {t(`agents.state.${state}`)} <span className={panel.groupCount}>{agents.length}</span>
          </h3>
          <ul className={styles.list} data-state={state}>
            {agents.map((agent) => (
              <AgentRow
                key={agent.key}
                agent={agent}
                caller={calls.get(agent.callId)?.caller ?? ''}
                place={labelOf(queues, agent, agent.queue)}
                pausedIn={agent.pausedIn.map((queue) => labelOf(queues, agent, queue)).join(', ')}
              />
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

const labelOf = (queues: ReadonlyMap<string, LiveQueue>, agent: Agent, queue: string): string =>
  queues.get(queueKey(agent.pbx, queue))?.label ?? queue;

function StateIcon({ state }: { state: MemberState }) {
  const Icon = ICONS[state];
  return <Icon size="1em" stroke={2} className={styles.icon} aria-hidden />;
}

interface RowProps {
  readonly agent: Agent;
  readonly caller: string;
  readonly place: string;
  readonly pausedIn: string;
}

/** States in which it matters which queue the agent works for. */
const PLACED: ReadonlySet<MemberState> = new Set(['talking', 'on_hold', 'ringing', 'wrap_up']);

const AgentRow = memo(
  function AgentRow({ agent, caller, place, pausedIn }: RowProps) {
    const { t } = useTranslation();
    const frozen = useFrozenAt(agent.pbx) !== null;
    const notes = [
      PLACED.has(agent.state) ? place : '',
      caller,
      agent.pauseReason,
      pausedIn === '' ? '' : t('agents.pausedIn', { queues: pausedIn }),
    ].filter((note) => note !== '');
    return (
      <li className={styles.agent} data-frozen={frozen} title={agent.interface}>
        <StateIcon state={agent.state} />
        <span className={styles.name}>{agent.name}</span>
        <span className={styles.notes}>
          {notes.join(' · ')}
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
    before.caller === after.caller &&
    before.place === after.place &&
    before.pausedIn === after.pausedIn &&
    before.agent.key === after.agent.key &&
    before.agent.name === after.agent.name &&
    before.agent.state === after.agent.state &&
    before.agent.since === after.agent.since &&
    before.agent.missed === after.agent.missed &&
    before.agent.pauseReason === after.agent.pauseReason,
);
