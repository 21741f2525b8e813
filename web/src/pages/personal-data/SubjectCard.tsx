import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import { Confirm } from '../../ui/form/Confirm';
import { TextField } from '../../ui/form/fields';
import { Callout, Card } from '../../ui/form/Section';
import { useFault } from './faults';
import styles from './Personal.module.css';
import { type Erased, erase, type Held, heldOf, personalKey } from './queries';

/** One person's data by their number: to give them, and to remove them. */
export function SubjectCard() {
  const { t } = useTranslation();
  const fault = useFault();
  const [number, setNumber] = useState('');
  const look = useMutation({ mutationFn: () => heldOf(number.trim()) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (number.trim() !== '') look.mutate();
  };
  return (
    <Card title={t('personal.subject.title')} lead={t('personal.subject.lead')}>
      <form className={styles.subject} onSubmit={submit}>
        <TextField
          label={t('personal.subject.number')}
          help={t('personal.subject.numberHelp')}
          value={number}
          error={look.isError ? fault(look.error) : undefined}
          onChange={(text) => {
            setNumber(text);
            look.reset();
          }}
        />
        <Button type="submit" loading={look.isPending} disabled={number.trim() === ''}>
          {t('personal.subject.look')}
        </Button>
      </form>
      {look.data !== undefined && <Found key={look.data.at} held={look.data} />}
    </Card>
  );
}

function Found({ held }: { held: Held }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = Object.entries(held.counts).filter(([, many]) => many > 0);
  const total = rows.reduce((sum, [, many]) => sum + many, 0);
  const [erased, setErased] = useState<Erased | null>(null);
  return (
    <div className={styles.found}>
      <p role="status">
        <strong>
          {total === 0
            ? t('personal.subject.none', { number: held.number })
            : t('personal.subject.found', {
                count: total,
                rows: format.integer(total),
                number: held.number,
              })}
        </strong>
      </p>
      <Counts counts={Object.fromEntries(rows)} />
      {held.purged_calls > 0 && (
        <p className={styles.note}>{t('personal.subject.purged', { count: held.purged_calls })}</p>
      )}
      <Elsewhere found={held.elsewhere} />
      {erased === null ? (
        <div className={styles.buttons}>
          <Button
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
            onClick={() => download(held)}
          >
            {t('personal.subject.download')}
          </Button>
          {total > 0 && <Erase number={held.number} onDone={setErased} />}
        </div>
      ) : (
        <Callout tone="calm" role="status" title={t('personal.erase.done')}>
          <Counts counts={erased.removed} />
          <Elsewhere found={erased.left} />
          {erased.rewrite_due && <p className={styles.note}>{t('personal.purge.rewrite')}</p>}
        </Callout>
      )}
    </div>
  );
}

function Counts({ counts }: { counts: Readonly<Record<string, number>> }) {
  const format = useFormat();
  const rows = Object.entries(counts);
  if (rows.length === 0) return null;
  return (
    <dl className={styles.counts}>
      {rows.map(([table, many]) => (
        <div key={table}>
          <dt>
            <code>{table}</code>
          </dt>
          <dd>{format.integer(many)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Where the number stays; why, in the server's words. */
function Elsewhere({ found }: { found: Held['elsewhere'] }) {
  const { t } = useTranslation();
  if (found.length === 0) return null;
  return (
    <>
      <p>{t('personal.subject.elsewhere')}</p>
      <ul className={styles.ending}>
        {found.map(({ where, rows, why }) => (
          <li key={where}>
            <code>{where}</code> ({rows}): <span lang="en">{why}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** As JSON, made here of what was read: nothing is asked for a second time. */
function download(held: Held): void {
  const url = URL.createObjectURL(
    new Blob([JSON.stringify(held, null, 2)], { type: 'application/json' }),
  );
  const link = document.createElement('a');
  link.href = url;
  // Not the number: names of files are seen by others.
  link.download = `minuteur-personal-data-${held.at.slice(0, 10)}.json`;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function Erase({ number, onDone }: { number: string; onDone: (done: Erased) => void }) {
  const { t } = useTranslation();
  const fault = useFault();
  const cache = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const dry = useMutation({ mutationFn: () => erase(number, '', true) });
  const remove = useMutation({
    mutationFn: () => erase(number, reason.trim(), false),
    onSuccess: async (done) => {
      setAsking(false);
      onDone(done);
      await cache.invalidateQueries({ queryKey: personalKey });
    },
  });
  const error = remove.error ?? dry.error;
  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          setTyped('');
          remove.reset();
          setAsking(true);
          dry.mutate();
        }}
      >
        {t('personal.erase.open')}
      </Button>
      <Confirm
        opened={asking}
        title={t('personal.erase.ask', { number })}
        yes={t('personal.erase.yes')}
        danger
        busy={remove.isPending}
        error={error === null ? undefined : fault(error)}
        onYes={() => {
          const same = typed.trim() === number;
          setWrong(!same);
          if (same) remove.mutate();
        }}
        onClose={() => setAsking(false)}
      >
        <p>{t('personal.erase.means')}</p>
        {dry.data !== undefined && <Counts counts={dry.data.removed} />}
        <p className={styles.note}>{t('personal.erase.keeps')}</p>
        <TextField
          label={t('personal.erase.reason')}
          help={t('personal.erase.reasonHelp')}
          value={reason}
          onChange={setReason}
        />
        <TextField
          label={t('personal.erase.type', { number })}
          value={typed}
          error={wrong ? t('personal.erase.other') : undefined}
          onChange={(text) => {
            setTyped(text);
            setWrong(false);
          }}
        />
      </Confirm>
    </>
  );
}
