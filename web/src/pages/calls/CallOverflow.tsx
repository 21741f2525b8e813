import { useTranslation } from 'react-i18next';
import type { CallDetail, Decision } from '../../api/types';
import { useFormat } from '../../format/use-format';
import { useWhy } from '../../ui/overflow';
import { useQueueLabel } from '../../ui/queue-label';
import styles from './Calls.module.css';

interface Props {
  readonly call: CallDetail;
  readonly decisions: readonly Decision[];
}

/** What the overflow rules decided for this caller, with their reasons. */
export function CallOverflow({ call, decisions }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const label = useQueueLabel();
  const why = useWhy(label);
  const what = useWhat();
  if (decisions.length === 0) return null;
  const zero = Date.parse(call.clock_started_at ?? call.arrived_at);
  return (
    <section className={styles.block}>
      <h2>{t('overflow.title')}</h2>
      <ol className={styles.decisions}>
        {decisions.map((decision) => (
          <li key={decision.id} data-held-back={decision.held_back}>
            <span className={styles.offset}>
              +{format.seconds((Date.parse(decision.at) - zero) / 1000)}
            </span>
            <span>
              <strong>{what(decision)}</strong>
              {decision.rule !== '' && <> · {decision.rule}</>}
              {decision.dry_run && <span className={styles.tag}>{t('overflow.dryRun')}</span>}
              <span className={styles.detail}>{why(decision)}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What was decided: done, only practised, or kept from being done. */
export function useWhat(): (decision: Decision) => string {
  const { t } = useTranslation();
  const label = useQueueLabel();
  return (decision) => {
    const verb = decision.verb;
    const said = decision.held_back
      ? t(`overflow.kept.${verb}`)
      : t(decision.dry_run ? `overflow.would.${verb}` : `overflow.verb.${verb}`);
    const to = decision.to?.queue ?? '';
    return to === '' ? said : `${said} → ${label(to)}`;
  };
}
