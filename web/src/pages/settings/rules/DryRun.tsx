import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Command, Decision, RuleOut } from '../../../api/types';
import { useFormat } from '../../../format/use-format';
import { ErrorNotice } from '../../../shell/Notice';
import { Card } from '../../../ui/form/Section';
import { useWhy } from '../../../ui/overflow';
import { useQueueLabel } from '../../../ui/queue-label';
import { callPath } from '../../paths';
import { commandsKey, decisionsKey, ruleCommands, ruleDecisions } from '../queries';
import { useActivity } from './activity';
import { stateOf } from './body';
import styles from './Rules.module.css';

const SHOWN = 12;
const REFRESH_MS = 4_000;

/** What the rule decided lately: what it did, or would have done, and why not. */
export function DryRun({ rule }: { rule: RuleOut }) {
  const { t } = useTranslation();
  const decisions = useQuery({
    queryKey: decisionsKey(rule.id),
    queryFn: () => ruleDecisions(rule.id, SHOWN),
    refetchInterval: REFRESH_MS,
  });
  const commands = useQuery({
    queryKey: commandsKey(rule.id),
    queryFn: () => ruleCommands(rule.id, 3 * SHOWN),
    refetchInterval: REFRESH_MS,
  });
  const today = useActivity()(rule.id);
  const byDecision = new Map(commands.data?.map((one) => [one.decision, one]));
  const state = stateOf(rule);
  return (
    <Card
      title={t(state === 'dry_run' ? 'settings.dryRun.title' : 'settings.dryRun.titleArmed')}
      aside={
        today !== undefined && (
          <span className={styles.why}>
            {t('settings.dryRun.today', { acted: today.acted, held: today.held })}
          </span>
        )
      }
    >
      {decisions.isError && decisions.data === undefined && (
        <ErrorNotice error={decisions.error} retry={() => void decisions.refetch()} />
      )}
      {decisions.data?.length === 0 && (
        <p className={styles.why}>{t(`settings.dryRunNone.${state}`)}</p>
      )}
      <ol className={styles.decisions}>
        {decisions.data?.map((decision) => (
          <Line key={decision.id} decision={decision} command={byDecision.get(decision.id)} />
        ))}
      </ol>
    </Card>
  );
}

const mood = (decision: Decision): 'kept' | 'would' | 'verb' => {
  if (decision.held_back) return 'kept';
  return decision.dry_run ? 'would' : 'verb';
};

function Line({ decision, command }: { decision: Decision; command: Command | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const label = useQueueLabel();
  const why = useWhy(label);
  const to = decision.to === null ? '' : label(decision.to.queue || decision.to.context);
  const way = [label(decision.queue), to].filter((part) => part !== '').join(' → ');
  return (
    <li>
      <time dateTime={decision.at} title={format.dateTime(Date.parse(decision.at))}>
        {format.time(Date.parse(decision.at))}
      </time>
      <span>
        <strong>{t(`overflow.${mood(decision)}.${decision.verb}`)}</strong> {way}
        {decision.call_id !== '' && (
          <>
            {' · '}
            <Link to={callPath(decision.call_id)}>
              {decision.caller || t('caller.unknownNumber')}
            </Link>
          </>
        )}
        {command !== undefined && (
          <span className={command.outcome === 'failed' ? styles.bad : undefined}>
            {' · '}
            {t(`overflow.outcome.${command.outcome}`)}
          </span>
        )}
        <br />
        <span className={styles.why}>{why(decision)}</span>
      </span>
    </li>
  );
}
