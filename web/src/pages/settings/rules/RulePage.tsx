import { Button, Menu } from '@mantine/core';
import { IconDots, IconPencil } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import type { RuleOut } from '../../../api/types';
import { ErrorNotice, Notice } from '../../../shell/Notice';
import { Confirm } from '../../../ui/form/Confirm';
import { Callout, Section } from '../../../ui/form/Section';
import { useProblemText } from '../errors';
import { Loading } from '../parts/Loading';
import { changeRule, deleteRule, forceRule } from '../queries';
import { Backtest } from './Backtest';
import { canBeTested, IN_STATE, kindOf, type RuleState, stateOf, toBody, toForm } from './body';
import { DryRun } from './DryRun';
import { RuleFacts } from './RuleFacts';
import styles from './Rules.module.css';
import { StateBadges } from './StateBadge';
import { Steps } from './Steps';
import { useRuleWords } from './sentence';
import { useRefreshRules, useRules } from './use-rules';
import { Versions } from './Versions';

export function RulePage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const rules = useRules();
  const rule = rules.data?.find((one) => one.id === id);
  if (rules.isPending) return <Loading />;
  if (rules.data === undefined) {
    return <ErrorNotice error={rules.error} retry={() => void rules.refetch()} />;
  }
  if (rule === undefined) return <Notice>{t('settings.rules.gone')}</Notice>;
  return <Rule key={id} rule={rule} />;
}

function Rule({ rule }: { rule: RuleOut }) {
  const { t } = useTranslation();
  const words = useRuleWords();
  const problem = useProblemText();
  const refresh = useRefreshRules();
  const change = useMutation({
    mutationFn: (next: RuleState) =>
      changeRule({ ...toBody(toForm(rule)), ...IN_STATE[next] }, rule.version),
    onSettled: () => refresh(rule.id),
  });
  const force = useMutation({
    mutationFn: (on: boolean | null) => forceRule(rule.id, on),
    onSettled: () => refresh(rule.id),
  });
  const failed = change.error ?? force.error;
  return (
    <Section
      title={rule.name || rule.id}
      badge={<StateBadges rule={rule} />}
      lead={words.rule(rule)}
      back={{ to: '/settings/rules', label: t('settings.nav.rules') }}
      actions={<Actions rule={rule} onState={change.mutate} onForce={force.mutate} />}
    >
      {rule.problem !== '' && (
        <Callout tone="breach" title={t('settings.rule.problem')}>
          <p lang="en">{rule.problem}</p>
        </Callout>
      )}
      {failed !== null && <Callout tone="breach" role="alert" title={problem(failed)} />}
      <Steps rule={rule} busy={change.isPending} onState={(state) => change.mutate(state)} />
      <div className={styles.columns}>
        <div className={styles.stack}>
          <DryRun rule={rule} />
          {canBeTested(kindOf(rule.do)) && <Backtest rule={rule} />}
        </div>
        <div className={styles.stack}>
          <RuleFacts rule={rule} />
          <Versions rule={rule} />
        </div>
      </div>
    </Section>
  );
}

function Actions({
  rule,
  onState,
  onForce,
}: {
  rule: RuleOut;
  onState: (state: RuleState) => void;
  onForce: (on: boolean | null) => void;
}) {
  const { t } = useTranslation();
  const [deleting, setDeleting] = useState(false);
  const state = stateOf(rule);
  return (
    <>
      <Button
        component={Link}
        to={`/settings/rules/${rule.id}/edit`}
        variant="default"
        leftSection={<IconPencil size={16} />}
      >
        {t('settings.form.edit')}
      </Button>
      {state === 'armed' && (
        <Button variant="default" onClick={() => onState('paused')}>
          {t('settings.rule.pause')}
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" aria-label={t('settings.rule.more')}>
            <IconDots size={16} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {rule.forced !== true && (
            <Menu.Item onClick={() => onForce(true)}>{t('settings.rule.forceOn')}</Menu.Item>
          )}
          {rule.forced !== false && (
            <Menu.Item onClick={() => onForce(false)}>{t('settings.rule.forceOff')}</Menu.Item>
          )}
          {rule.forced !== null && (
            <Menu.Item onClick={() => onForce(null)}>{t('settings.rule.unforce')}</Menu.Item>
          )}
          {(state === 'armed' || state === 'paused') && (
            <Menu.Item onClick={() => onState('dry_run')}>{t('settings.rule.toDryRun')}</Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item color="red" onClick={() => setDeleting(true)}>
            {t('settings.rule.delete')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Delete rule={rule} opened={deleting} onClose={() => setDeleting(false)} />
    </>
  );
}

function Delete({
  rule,
  opened,
  onClose,
}: {
  rule: RuleOut;
  opened: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const refresh = useRefreshRules();
  const problem = useProblemText();
  const remove = useMutation({
    mutationFn: () => deleteRule(rule.id, rule.version),
    onSuccess: async () => {
      void navigate('/settings/rules');
      await refresh(rule.id);
    },
    onError: () => refresh(rule.id),
  });
  return (
    <Confirm
      opened={opened}
      title={t('settings.rule.askDelete', { name: rule.name || rule.id })}
      yes={t('settings.rule.delete')}
      danger
      busy={remove.isPending}
      error={remove.isError ? problem(remove.error) : undefined}
      onYes={() => remove.mutate()}
      onClose={onClose}
    >
      <p>{t('settings.rule.deleteMeans')}</p>
    </Confirm>
  );
}
