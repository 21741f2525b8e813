import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { overflowRules, rulesKey } from '../../api/live-actions';
import type { LiveQueue } from '../../api/types';
import { useErrorText } from '../../shell/Notice';
import { useSession } from '../../shell/use-session';
import { nameOf } from '../../ui/rule-name';
import panel from '../live/Panel.module.css';
import styles from './QueuePage.module.css';
import { modeOf, watches } from './watching';

/** The overflow rules that look at this queue, and whether they act. */
export function Rules({ queue }: { queue: LiveQueue }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const admin = useSession()?.role === 'admin';
  const rules = useQuery({ queryKey: rulesKey, queryFn: overflowRules, staleTime: 30_000 });
  const own = (rules.data ?? []).filter((rule) => watches(rule, queue));
  return (
    <section className={panel.panel} aria-labelledby="rules">
      <h2 id="rules" className={panel.title}>
        {t('queuePage.rules')}
      </h2>
      {rules.isError && (
        <p className={panel.none}>
          {t('queuePage.loadFailed')} {errorText(rules.error)}
        </p>
      )}
      {rules.isSuccess && own.length === 0 && (
        <p className={panel.none}>{t('queuePage.noRules')}</p>
      )}
      <ul className={styles.rules}>
        {own.map((rule) => (
          <li key={rule.id}>
            {admin ? (
              <Link to={`/settings/rules/${encodeURIComponent(rule.id)}`}>{nameOf(rule)}</Link>
            ) : (
              <span>{nameOf(rule)}</span>
            )}
            <em data-mode={modeOf(rule)}>{t(`queuePage.ruleState.${modeOf(rule)}`)}</em>
          </li>
        ))}
      </ul>
    </section>
  );
}
