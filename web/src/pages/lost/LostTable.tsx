import { Button, NativeSelect, Table, TextInput } from '@mantine/core';
import { IconPencil, IconPhoneIncoming, IconPhoneOutgoing } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, memo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ApiError } from '../../api/client';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import { useErrorText } from '../../shell/Notice';
import { VerdictMark } from '../../ui/marks';
import { callPath } from '../paths';
import styles from './Lost.module.css';
import { type CallBack, changeLost, type LostCaller, STATUSES, type Status } from './queries';

const MS = 1_000;
const NOTE_MAX = 500;
const AGAIN = 'again';

interface Acting {
  readonly mayAct: boolean;
  readonly showsNumbers: boolean;
  /** Tells who listens and does not look. */
  say(text: string): void;
  /** Read the list again. */
  again(): void;
  onDone(caller: LostCaller, callBack: CallBack): void;
}

export function LostTable({ callers, ...acting }: Acting & { callers: readonly LostCaller[] }) {
  const { t } = useTranslation();
  return (
    <div className={styles.scroller}>
      <Table verticalSpacing="xs" className={styles.table} aria-label={t('lost.table')}>
        <Table.Thead>
          <Table.Tr>
            {(['caller', 'queue', 'last', 'attempts', 'longest', 'status', 'note'] as const).map(
              (name) => (
                <Table.Th key={name}>{t(`lost.${name}`)}</Table.Th>
              ),
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {callers.map((caller) => (
            <Line key={caller.id} caller={caller} {...acting} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Line({ caller, ...acting }: Acting & { caller: LostCaller }) {
  const { t } = useTranslation();
  const { say, again, onDone } = acting;
  const errorText = useErrorText();
  const [problem, setProblem] = useState('');
  const change = useMutation({
    mutationFn: (wanted: { status?: Status; note?: string }) =>
      changeLost(caller.id, { version: caller.call_back.version, ...wanted }),
    onSuccess: (done, wanted) => {
      setProblem('');
      onDone(caller, done);
      const who = caller.name || caller.caller;
      say(
        wanted.note === undefined
          ? t('lost.changed', { caller: who, status: t(`lost.statusName.${done.status}`) })
          : t('lost.noted', { caller: who }),
      );
    },
    onError: (error) => {
      if (error instanceof ApiError && error.status === 409) {
        setProblem(t('lost.conflict'));
        again();
      } else {
        setProblem(errorText(error));
      }
    },
  });
  const over = caller.got_through_at !== null || isDone(caller.call_back.status);
  return (
    <Table.Tr data-over={over}>
      <Table.Td data-label={t('lost.caller')}>
        <Who caller={caller} showsNumbers={acting.showsNumbers} />
      </Table.Td>
      <Table.Td data-label={t('lost.queue')}>{caller.queue_label || t('lost.noQueue')}</Table.Td>
      <Table.Td data-label={t('lost.last')} className={styles.nowrap}>
        <Last caller={caller} />
      </Table.Td>
      <Table.Td data-label={t('lost.attempts')} className={styles.number}>
        {caller.attempts}
      </Table.Td>
      <Table.Td data-label={t('lost.longest')} className={styles.number}>
        {span(caller.longest_wait_s * MS)}
      </Table.Td>
      <Table.Td data-label={t('lost.status')}>
        <StatusChoice
          caller={caller}
          disabled={!acting.mayAct}
          onChange={(status) => change.mutate({ status })}
        />
        {problem !== '' && (
          <p role="alert" className={styles.problem}>
            {problem}
          </p>
        )}
      </Table.Td>
      <Table.Td data-label={t('lost.note')} className={styles.noteCell}>
        <Note
          caller={caller}
          mayAct={acting.mayAct}
          saving={change.isPending}
          onSave={(note) => change.mutate({ note })}
        />
      </Table.Td>
    </Table.Tr>
  );
}

const isDone = (status: Status): boolean => status === 'reached' || status === 'dismissed';

const Who = memo(function Who({
  caller,
  showsNumbers,
}: {
  caller: LostCaller;
  showsNumbers: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const number = caller.caller;
  return (
    <div className={styles.who}>
      {showsNumbers ? (
        <a
          href={`tel:${number.replace(/[^+\d*#]/g, '')}`}
          aria-label={t('lost.callBack', {
            caller: caller.name ? `${caller.name}, ${number}` : number,
          })}
        >
          <IconPhoneOutgoing size="0.95em" aria-hidden /> {number}
        </a>
      ) : (
        <span>{number}</span>
      )}
      {caller.name !== '' && caller.name !== number && <span>{caller.name}</span>}
      {caller.waiting_now && (
        <span className={styles.waiting} title={t('lost.waitingHelp')}>
          <IconPhoneIncoming size="0.95em" aria-hidden /> {t('lost.waiting')}
        </span>
      )}
      {caller.got_through_at !== null && (
        <span className={styles.through}>
          {t('lost.through', { time: format.dateTime(Date.parse(caller.got_through_at)) })}
        </span>
      )}
    </div>
  );
});

function Last({ caller }: { caller: LostCaller }) {
  const { t } = useTranslation();
  const format = useFormat();
  const time = format.dateTime(Date.parse(caller.last_at));
  return (
    <Link
      to={callPath(caller.id)}
      aria-label={t('lost.openCall', { verdict: t(`verdict.${caller.verdict}`), time })}
    >
      <VerdictMark verdict={caller.verdict} /> {time}
    </Link>
  );
}

function StatusChoice({
  caller,
  disabled,
  onChange,
}: {
  caller: LostCaller;
  disabled: boolean;
  onChange: (status: Status) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { status, tries, by, at } = caller.call_back;
  const options = STATUSES.map((name) => ({
    value: name as string,
    label:
      name === 'no_answer' && tries > 0
        ? `${t('lost.statusName.no_answer')} (${tries})`
        : t(`lost.statusName.${name}`),
  }));
  if (status === 'no_answer') options.splice(3, 0, { value: AGAIN, label: t('lost.again') });
  return (
    <div className={styles.status} data-status={status}>
      {disabled ? (
        <span>{options.find(({ value }) => value === status)?.label}</span>
      ) : (
        <NativeSelect
          size="xs"
          aria-label={t('lost.statusOf', { caller: caller.name || caller.caller })}
          value={status}
          onChange={({ currentTarget: { value } }) => {
            const wanted = STATUSES.find((name) => name === value);
            onChange(value === AGAIN ? 'no_answer' : (wanted ?? status));
          }}
          data={options}
        />
      )}
      {by !== '' && at !== null && (
        <small>
          {by}, {format.dateTime(Date.parse(at))}
        </small>
      )}
    </div>
  );
}

function Note({
  caller,
  mayAct,
  saving,
  onSave,
}: {
  caller: LostCaller;
  mayAct: boolean;
  saving: boolean;
  onSave: (note: string) => void;
}) {
  const { t } = useTranslation();
  const { note } = caller.call_back;
  const [draft, setDraft] = useState<string | null>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setDraft(null);
    // The field goes; who used the keyboard goes on from where they began.
    window.setTimeout(() => opener.current?.focus());
  };
  if (!mayAct) return note;
  if (draft === null) {
    return (
      <button type="button" ref={opener} className={styles.note} onClick={() => setDraft(note)}>
        <span className="sr-only">
          {t('lost.noteOf', { caller: caller.name || caller.caller })}{' '}
        </span>
        {note || t('lost.addNote')} <IconPencil size="0.9em" aria-hidden />
      </button>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (draft.trim() !== note) onSave(draft.trim());
    close();
  };
  return (
    <form className={styles.noteForm} onSubmit={submit}>
      <TextInput
        size="xs"
        aria-label={t('lost.noteOf', { caller: caller.name || caller.caller })}
        value={draft}
        maxLength={NOTE_MAX}
        ref={(field) => {
          if (field !== null && document.activeElement === document.body) field.focus();
        }}
        onChange={({ currentTarget: { value } }) => setDraft(value)}
        onKeyDown={(event) => event.key === 'Escape' && close()}
      />
      <Button size="xs" type="submit" loading={saving}>
        {t('lost.save')}
      </Button>
      <Button size="xs" variant="default" onClick={close}>
        {t('lost.cancel')}
      </Button>
    </form>
  );
}
