import { IconPower } from '@tabler/icons-react';
import { lazy, memo, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Command, Decision, LiveOverflow } from '../../api/types';
import { useFormat } from '../../format/use-format';
import { useTruth } from '../../live/context';
import type { QueueNames } from '../../live/hooks';
import { queueKey } from '../../live/keys';
import { useMayLead } from '../../shell/use-session';
import { useWhy } from '../../ui/overflow';
import { useRuleName } from '../../ui/rule-name';
import { callPath } from '../paths';
import styles from './Overflow.module.css';
import panel from './Panel.module.css';

const SwitchDialog = lazy(() => import('./SwitchDialog'));

const SHOWN = 5;

interface Props {
  readonly overflow: LiveOverflow;
  /** Newest first. */
  readonly decisions: readonly Decision[];
  readonly commands: ReadonlyMap<string, Command>;
  readonly queues: QueueNames;
  readonly frozen: boolean;
}

/** What the monitor did for callers lately, and why; nothing where no rule ever acted. */
export const Overflow = memo(function Overflow(props: Props) {
  const { t } = useTranslation();
  const { overflow, decisions, commands, queues, frozen } = props;
  const mayLead = useMayLead();
  const mayAct = useTruth().freeze.all === null && mayLead;
  const standing = overflow.standing.length;
  const ruleName = useRuleName(overflow.forced.length > 0);
  const quiet = decisions.length === 0 && standing === 0 && overflow.forced.length === 0;
  if (quiet && !mayAct && overflow.switch.on) return null;
  return (
    <section className={panel.panel} aria-labelledby="overflow">
      <div className={styles.top}>
        <h2 id="overflow" className={panel.title}>
          {t('overflow.title')}
          <span className={styles.onOff} data-on={overflow.switch.on}>
            {t(overflow.switch.on ? 'overflow.isOn' : 'overflow.isOff')}
          </span>
        </h2>
        {mayAct && <RedSwitch on={overflow.switch.on} />}
      </div>
      {standing > 0 && <p className={styles.state}>{t('overflow.on', { count: standing })}</p>}
      {overflow.forced.map(({ rule, on, by }) => (
        <p key={rule} className={styles.state}>
          {ruleName(rule)} · {t(`overflow.forced.${on ? 'on' : 'off'}`, { by })}
        </p>
      ))}
      {decisions.length === 0 && <p className={panel.none}>{t('overflow.none')}</p>}
      <ol className={styles.list} data-frozen={frozen}>
        {decisions.slice(0, SHOWN).map((decision) => (
          <Line
            key={decision.id}
            decision={decision}
            command={commands.get(decision.id) ?? null}
            queues={queues}
          />
        ))}
      </ol>
    </section>
  );
});

/** The big red switch: one click and a confirmation away, for those who may. */
function RedSwitch({ on }: { on: boolean }) {
  const { t } = useTranslation();
  // As it was when somebody pressed: if another turns it meanwhile, a click must not turn it back.
  const [asked, setAsked] = useState<boolean | null>(null);
  return (
    <>
      <button type="button" className={styles.switch} data-on={on} onClick={() => setAsked(on)}>
        <IconPower size="1.05em" aria-hidden />
        {t(on ? 'overflow.turnOff' : 'overflow.turnOn')}
      </button>
      {asked !== null && (
        <Suspense fallback={null}>
          <SwitchDialog on={asked} onClose={() => setAsked(null)} />
        </Suspense>
      )}
    </>
  );
}

interface LineProps {
  readonly decision: Decision;
  readonly command: Command | null;
  readonly queues: Props['queues'];
}

export function Line({ decision, command, queues }: LineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const label = (queue: string) => queues.get(queueKey(decision.pbx, queue))?.label ?? queue;
  const why = useWhy(label);
  const to = decision.to === null ? '' : label(decision.to.queue || decision.to.context);
  const way = [label(decision.queue), to].filter((part) => part !== '').join(' → ');
  const lasts = decision.verb === 'turn_on' || decision.verb === 'turn_off';
  const rule = useRuleName(decision.rule !== '')(decision.rule);
  return (
    <li className={styles.line} data-held={decision.held_back} title={rule}>
      <span className={styles.head}>
        <strong>{t(`overflow.${mood(decision)}.${decision.verb}`)}</strong>{' '}
        {lasts ? `${way} · ${rule}` : way}
      </span>
      <time className={styles.at} dateTime={decision.at}>
        {format.time(Date.parse(decision.at))}
      </time>
      <span className={styles.why}>
        {decision.call_id !== '' && (
          <>
            <Link to={callPath(decision.call_id)} className={styles.caller}>
              {decision.caller || t('caller.unknownNumber')}
            </Link>
            {' · '}
          </>
        )}
        {why(decision)}
        <Outcome decision={decision} command={command} />
      </span>
    </li>
  );
}

function Outcome({ decision, command }: { decision: Decision; command: Command | null }) {
  const { t } = useTranslation();
  if (decision.dry_run) return <em className={styles.outcome}>{t('overflow.dryRun')}</em>;
  if (command === null) return null;
  return (
    <em className={styles.outcome} data-outcome={command.outcome} title={command.answer}>
      {t(`overflow.outcome.${command.outcome}`)}
    </em>
  );
}

const mood = (decision: Decision): 'kept' | 'would' | 'verb' => {
  if (decision.held_back) return 'kept';
  return decision.dry_run ? 'would' : 'verb';
};
