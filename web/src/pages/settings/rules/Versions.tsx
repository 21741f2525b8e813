import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OverflowRule, RuleOut, RuleVersion } from '../../../api/types';
import { useFormat } from '../../../format/use-format';
import { Confirm } from '../../../ui/form/Confirm';
import { Card } from '../../../ui/form/Section';
import { useProblemText } from '../errors';
import { DiffTable } from '../parts/DiffTable';
import { changeRule, ruleVersions, versionsKey } from '../queries';
import { toBody, toForm } from './body';
import styles from './Rules.module.css';
import { useRefreshRules } from './use-rules';

/** Every version: who, when, and what changed; any can be taken back. */
export function Versions({ rule }: { rule: RuleOut }) {
  const { t } = useTranslation();
  const versions = useQuery({
    queryKey: versionsKey(rule.id),
    queryFn: () => ruleVersions(rule.id),
  });
  const items = versions.data ?? [];
  return (
    <Card title={t('settings.versions.title')}>
      <ol className={styles.versions} reversed>
        {items.map((version, n) => (
          <VersionLine
            key={version.version}
            rule={rule}
            version={version}
            before={items[n + 1]?.rule ?? null}
          />
        ))}
      </ol>
    </Card>
  );
}

function VersionLine({
  rule,
  version,
  before,
}: {
  rule: RuleOut;
  version: RuleVersion;
  before: OverflowRule | null;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const isNow = version.version === rule.version;
  return (
    <li className={styles.versionItem}>
      <div className={styles.version}>
        <span>
          <strong>{t('settings.versions.number', { number: version.version })}</strong>{' '}
          {format.dateTime(Date.parse(version.at))} · {version.by}
        </span>
        {isNow && <span className={styles.why}>{t('settings.versions.now')}</span>}
        {!isNow && version.rule !== null && (
          <Button size="compact-xs" variant="subtle" onClick={() => setAsking(true)}>
            {t('settings.versions.restore')}
          </Button>
        )}
      </div>
      <details>
        <summary className={styles.why}>
          {before === null ? t('settings.versions.whole') : t('settings.versions.changes')}
        </summary>
        <DiffTable before={before} after={version.rule} />
      </details>
      {version.rule !== null && (
        <Restore
          rule={rule}
          wanted={version.rule}
          number={version.version}
          opened={asking}
          onClose={() => setAsking(false)}
        />
      )}
    </li>
  );
}

function Restore({
  rule,
  wanted,
  number,
  opened,
  onClose,
}: {
  rule: RuleOut;
  wanted: OverflowRule;
  number: number;
  opened: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const problem = useProblemText();
  const refresh = useRefreshRules();
  const restore = useMutation({
    mutationFn: () => changeRule(wanted, rule.version),
    onSuccess: onClose,
    onSettled: () => refresh(rule.id),
  });
  return (
    <Confirm
      opened={opened}
      title={t('settings.versions.ask', { number })}
      yes={t('settings.versions.restore')}
      busy={restore.isPending}
      error={restore.isError ? problem(restore.error) : undefined}
      onYes={() => restore.mutate()}
      onClose={onClose}
    >
      <p>{t('settings.versions.means')}</p>
      <DiffTable
        before={toBody(toForm(rule))}
        after={wanted}
        heads={[t('settings.versions.nowHead'), t('settings.versions.thenHead')]}
      />
    </Confirm>
  );
}
