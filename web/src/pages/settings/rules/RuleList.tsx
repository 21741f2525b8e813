import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { RuleOut } from '../../../api/types';
import { useFormat } from '../../../format/use-format';
import { ErrorNotice } from '../../../shell/Notice';
import { Section } from '../../../ui/form/Section';
import { Loading } from '../parts/Loading';
import { overflowRules, rulesKey } from '../queries';
import { type Today, useActivity } from './activity';
import { stateOf } from './body';
import { RedSwitch } from './RedSwitch';
import styles from './Rules.module.css';
import { StateBadges } from './StateBadge';
import { useRuleWords } from './sentence';

export function RuleList() {
  const { t } = useTranslation();
  const rules = useQuery({ queryKey: rulesKey, queryFn: overflowRules });
  return (
    <Section
      title={t('settings.nav.rules')}
      lead={t('settings.rules.lead')}
      actions={
        <Button component={Link} to="/settings/rules/new" leftSection={<IconPlus size={16} />}>
          {t('settings.rules.new')}
        </Button>
      }
    >
      <RedSwitch />
      {rules.isPending && <Loading />}
      {rules.isError && rules.data === undefined && (
        <ErrorNotice error={rules.error} retry={() => void rules.refetch()} />
      )}
      {rules.data !== undefined && <List rules={rules.data} />}
    </Section>
  );
}

function List({ rules }: { rules: readonly RuleOut[] }) {
  const { t } = useTranslation();
  const today = useActivity();
  if (rules.length === 0) {
    return (
      <div className={styles.list}>
        <p className={styles.none}>{t('settings.rules.none')}</p>
      </div>
    );
  }
  return (
    <ol className={styles.list} aria-label={t('settings.rules.order')}>
      {rules.map((rule) => (
        <Line key={rule.id} rule={rule} today={today(rule.id)} />
      ))}
    </ol>
  );
}

function Line({ rule, today }: { rule: RuleOut; today: Today | undefined }) {
  const { t } = useTranslation();
  const words = useRuleWords();
  return (
    <li className={styles.item}>
      <span className={styles.order} title={t('settings.field.priority')}>
        {rule.priority}
      </span>
      <div>
        <p className={styles.name}>
          <Link to={`/settings/rules/${rule.id}`}>{rule.name || rule.id}</Link>
          <StateBadges rule={rule} />
        </p>
        <p className={styles.sentence}>{words.rule(rule)}</p>
      </div>
      {today !== undefined && <TodayWords rule={rule} today={today} />}
    </li>
  );
}

function TodayWords({ rule, today }: { rule: RuleOut; today: Today }) {
  const { t } = useTranslation();
  const format = useFormat();
  const dry = stateOf(rule) === 'dry_run';
  const count = today.acted;
  return (
    <p className={styles.today}>
      {count === 0 ? (
        t('settings.rules.notToday')
      ) : (
        <strong>
          {t(dry ? 'settings.rules.wouldToday' : 'settings.rules.actedToday', {
            count,
            number: format.integer(count),
          })}
        </strong>
      )}
      {today.held > 0 && (
        <>
          <br />
          {t('settings.rules.heldToday', { count: today.held, number: format.integer(today.held) })}
        </>
      )}
    </p>
  );
}
