import { Button, FileButton, Group, Textarea } from '@mantine/core';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ImportResult } from '../../../api/types';
import { SwitchField } from '../../../ui/form/fields';
import { Callout, Card, Section } from '../../../ui/form/Section';
import { kindName } from '../changes/what';
import { useProblemText } from '../errors';
import { DiffTable } from '../parts/DiffTable';
import { importSettings, rulesKey, settingsKey } from '../queries';
import styles from './Transfer.module.css';

export default function TransferSection() {
  const { t } = useTranslation();
  return (
    <Section title={t('settings.nav.transfer')} lead={t('settings.transfer.lead')}>
      <Card title={t('settings.transfer.export')} lead={t('settings.transfer.exportLead')}>
        <Button
          component="a"
          href="/api/v1/settings/export"
          download="minuteur-settings.toml"
          variant="default"
          leftSection={<IconDownload size={16} />}
        >
          {t('settings.transfer.download')}
        </Button>
      </Card>
      <Import />
    </Section>
  );
}

function Import() {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const problem = useProblemText();
  const [toml, setToml] = useState('');
  const [removing, setRemoving] = useState(false);
  const send = useMutation({
    mutationFn: (dryRun: boolean) => importSettings(toml, { dryRun, removeMissing: removing }),
    onSuccess: async ({ applied }) => {
      if (!applied) return;
      await Promise.all([
        cache.invalidateQueries({ queryKey: settingsKey }),
        cache.invalidateQueries({ queryKey: rulesKey }),
      ]);
    },
  });
  // What is shown must be what would be applied: another text needs another look.
  const change = (next: string) => {
    setToml(next);
    send.reset();
  };
  const { data: found, isPending, variables } = send;
  return (
    <Card title={t('settings.transfer.import')} lead={t('settings.transfer.importLead')}>
      <div className={styles.stack}>
        <Group gap="xs">
          <FileButton accept=".toml,text/plain" onChange={(file) => void file?.text().then(change)}>
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconUpload size={16} />}>
                {t('settings.transfer.upload')}
              </Button>
            )}
          </FileButton>
        </Group>
        <Textarea
          label={t('settings.transfer.text')}
          description={t('settings.transfer.textHelp')}
          classNames={{ input: styles.text ?? '' }}
          rows={9}
          spellCheck={false}
          value={toml}
          onChange={(event) => change(event.currentTarget.value)}
        />
        <SwitchField
          label={t('settings.transfer.remove')}
          help={t('settings.transfer.removeHelp')}
          value={removing}
          onChange={(next) => {
            setRemoving(next);
            send.reset();
          }}
        />
        <div role="status" className={styles.stack}>
          {send.isError && <Callout tone="breach" title={problem(send.error)} />}
          {found !== undefined && <Preview found={found} />}
        </div>
        <Group gap="xs">
          <Button
            variant={found === undefined ? 'filled' : 'default'}
            loading={isPending && variables === true}
            disabled={toml.trim() === ''}
            onClick={() => send.mutate(true)}
          >
            {t('settings.transfer.preview')}
          </Button>
          {found !== undefined && !found.applied && canApply(found) && (
            <Button loading={isPending && variables === false} onClick={() => send.mutate(false)}>
              {t('settings.transfer.apply')}
            </Button>
          )}
        </Group>
      </div>
    </Card>
  );
}

const different = (found: ImportResult) => found.changes.filter(({ what }) => what !== 'same');

export const canApply = (found: ImportResult): boolean =>
  found.problems.length === 0 && different(found).length > 0;

function Preview({ found }: { found: ImportResult }) {
  const { t } = useTranslation();
  const changes = different(found);
  const same = found.changes.length - changes.length;
  if (found.applied) {
    return (
      <Callout tone="calm" title={t('settings.transfer.applied', { count: changes.length })} />
    );
  }
  return (
    <>
      {found.problems.length > 0 && (
        <Callout
          tone="breach"
          title={t('settings.transfer.problems', { count: found.problems.length })}
        >
          <ul>
            {found.problems.map(({ where, message }) => (
              <li key={`${where} ${message}`}>
                <code>{where}</code> – <span lang="en">{message}</span>
              </li>
            ))}
          </ul>
        </Callout>
      )}
      <p>
        {changes.length === 0
          ? t('settings.transfer.nothing')
          : t('settings.transfer.changes', { count: changes.length })}
        {same > 0 && ` ${t('settings.transfer.same', { count: same })}`}
        {found.ignored.length > 0 &&
          ` ${t('settings.transfer.ignored', { tables: found.ignored.join(', ') })}`}
      </p>
      <ul className={styles.changes}>
        {changes.map((change) => (
          <li key={`${change.kind} ${change.id}`} data-what={change.what}>
            <details>
              <summary>
                <strong>{t(`settings.what.${change.what}`)}</strong> {kindName(t, change.kind)}{' '}
                {change.id !== change.kind && change.id}
              </summary>
              <DiffTable before={change.before} after={change.after} />
            </details>
          </li>
        ))}
      </ul>
    </>
  );
}
