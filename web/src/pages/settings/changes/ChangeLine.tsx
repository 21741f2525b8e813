import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SettingsChange } from '../../../api/types';
import { useFormat } from '../../../format/use-format';
import { Confirm } from '../../../ui/form/Confirm';
import { Badge } from '../../../ui/form/Section';
import { useProblemText } from '../errors';
import { DiffTable } from '../parts/DiffTable';
import { rulesKey, settingsKey, undoChange } from '../queries';
import styles from './Changes.module.css';
import { whatHappened } from './what';

/** One change: who, when, what, before and after; and the way back, where there is one. */
export function ChangeLine({ change }: { change: SettingsChange }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const { before, after } = change;
  // What the monitor made itself is no slip of anybody's: its way back stands with its details.
  const made = change.via === 'monitor';
  return (
    <li className={styles.item} data-seq={change.seq}>
      <div className={styles.head}>
        <span className={styles.what}>{whatHappened(t, change)}</span>
        <span className={styles.meta}>
          <time dateTime={change.at}>{format.dateTime(Date.parse(change.at))}</time> ·{' '}
          {change.by === 'configuration' ? t('settings.changes.file') : change.by}
          {' · '}
          {t(`settings.via.${via(change.via)}`)}
        </span>
        <span className={styles.right}>
          {change.undone_by !== null && <Badge>{t('settings.changes.undone')}</Badge>}
          {change.undoable && !made && (
            <Button size="compact-xs" variant="subtle" onClick={() => setAsking(true)}>
              {t('settings.changes.undo')}
            </Button>
          )}
        </span>
      </div>
      {(before !== null || after !== null) && (
        <details>
          <summary>{t('settings.versions.changes')}</summary>
          <DiffTable before={before} after={after} />
          {change.undoable && made && (
            <Button size="compact-xs" variant="subtle" onClick={() => setAsking(true)}>
              {t('settings.changes.undo')}
            </Button>
          )}
        </details>
      )}
      <Undo change={change} opened={asking} onClose={() => setAsking(false)} />
    </li>
  );
}

const VIAS = ['session', 'token', 'mqtt', 'cli', 'monitor'] as const;
const via = (code: string): (typeof VIAS)[number] => VIAS.find((one) => one === code) ?? 'monitor';

function Undo({
  change,
  opened,
  onClose,
}: {
  change: SettingsChange;
  opened: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const problem = useProblemText();
  const undo = useMutation({
    mutationFn: () => undoChange(change.seq),
    onSuccess: async () => {
      onClose();
      await Promise.all([
        cache.invalidateQueries({ queryKey: settingsKey }),
        cache.invalidateQueries({ queryKey: rulesKey }),
      ]);
    },
  });
  return (
    <Confirm
      opened={opened}
      title={t('settings.changes.askUndo', { what: whatHappened(t, change) })}
      yes={t('settings.changes.undo')}
      busy={undo.isPending}
      error={undo.isError ? problem(undo.error) : undefined}
      onYes={() => undo.mutate()}
      onClose={onClose}
    >
      {change.before === null ? (
        <p>{t('settings.changes.undoDeletes')}</p>
      ) : (
        <>
          <p>{t('settings.changes.undoMeans')}</p>
          <DiffTable
            before={change.after}
            after={change.before}
            heads={[t('settings.versions.nowHead'), t('settings.versions.thenHead')]}
          />
        </>
      )}
    </Confirm>
  );
}
