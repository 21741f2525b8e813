import { useTranslation } from 'react-i18next';
import type { LiveQueue, MemberState } from '../../api/types';
import { useFormat } from '../../format/use-format';
import { type Agent, byState } from '../../live/agents';
import { Since } from '../../ui/running';
import { StateIcon } from '../live/Agents';
import styles from './Wall.module.css';

const NAMES = 10;
/** Of these it is worth seeing who, and for how long. */
const NAMED: readonly MemberState[] = ['paused', 'wrap_up', 'ringing', 'available'];

interface Props {
  readonly agents: readonly Agent[];
  readonly queues: ReadonlyMap<string, LiveQueue>;
}

/** How many do what, and who has paused for how long. */
export function AgentsView({ agents }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const groups = byState(agents);
  const named = NAMED.flatMap((state) => groups.find(([is]) => is === state)?.[1] ?? []);
  return (
    <section className={styles.agents} aria-label={t('wall.view.agents')}>
      <h2>{t('wall.agents')}</h2>
      {groups.length === 0 && <p className={styles.nobody}>{t('wall.noAgents')}</p>}
      <ul className={styles.states}>
        {groups.map(([state, list]) => (
          <li key={state} className={styles.figure} data-state={state}>
            <strong className={styles.value}>{format.integer(list.length)}</strong>
            <span className={styles.label}>
              <StateIcon state={state} /> {t(`agents.state.${state}`)}
            </span>
          </li>
        ))}
      </ul>
      <ul className={styles.names}>
        {named.slice(0, NAMES).map((agent) => (
          <li key={agent.key}>
            <StateIcon state={agent.state} />
            <span className={styles.name}>{agent.name}</span>
            <span className={styles.reason}>
              {agent.pauseReason || t(`agents.state.${agent.state}`)}
            </span>
            <Since pbx={agent.pbx} since={agent.since} />
          </li>
        ))}
      </ul>
    </section>
  );
}
