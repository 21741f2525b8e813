import { ActionIcon, Button } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarSettings } from '../../../api/types';
import { centreZone } from '../../../format/zone';
import { Card } from '../../../ui/form/Section';
import { dateOf } from '../../history/range';
import { TimeRange } from '../parts/SpansEditor';
import type { Editor } from '../parts/use-editor';
import { firstError } from './CalendarEditor';
import styles from './Days.module.css';

interface Props {
  readonly editor: Editor<CalendarSettings>;
}

/** Days on which it is closed, one by one or from a first to a last. */
export function ClosedDays({ editor }: Props) {
  const { t } = useTranslation();
  const { form, set, errors } = editor;
  const put = (place: number, next: string) =>
    set({ closed: form.closed.map((one, n) => (n === place ? next : one)) });
  return (
    <Card title={t('settings.hours.closedDays')} lead={t('settings.hours.closedLead')}>
      {form.closed.length === 0 && <p className={styles.none}>{t('settings.form.none')}</p>}
      {form.closed.map((span, n) => {
        const [first = '', last = ''] = span.split('/');
        const name = t('settings.hours.closedDay', { number: n + 1 });
        return (
          <Row
            // biome-ignore lint/suspicious/noArrayIndexKey: a day is being typed; its place names it
            key={n}
            name={name}
            onRemove={() => set({ closed: form.closed.filter((_, place) => place !== n) })}
          >
            <input
              type="date"
              aria-label={t('settings.hours.firstDay')}
              value={first}
              onChange={(event) => put(n, joined(event.currentTarget.value, last))}
            />
            –
            <input
              type="date"
              aria-label={t('settings.hours.lastDay')}
              value={last}
              min={first}
              onChange={(event) => put(n, joined(first, event.currentTarget.value))}
            />
          </Row>
        );
      })}
      <Problem text={firstError(errors, 'closed')} />
      <Add
        text={t('settings.hours.addClosed')}
        onClick={() => set({ closed: [...form.closed, today()] })}
      />
    </Card>
  );
}

/** Dates that are open in spans of their own, whatever else is said. */
export function Exceptions({ editor }: Props) {
  const { t } = useTranslation();
  const { form, set, errors } = editor;
  const put = (place: number, next: Partial<CalendarSettings['open'][number]>) =>
    set({ open: form.open.map((one, n) => (n === place ? { ...one, ...next } : one)) });
  return (
    <Card title={t('settings.hours.exceptions')} lead={t('settings.hours.exceptionsLead')}>
      {form.open.length === 0 && <p className={styles.none}>{t('settings.form.none')}</p>}
      {form.open.map((one, n) => (
        <Row
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          key={n}
          name={t('settings.hours.exception', { number: n + 1 })}
          onRemove={() => set({ open: form.open.filter((_, place) => place !== n) })}
        >
          <input
            type="date"
            aria-label={t('settings.hours.date')}
            value={one.date}
            onChange={(event) => put(n, { date: event.currentTarget.value })}
          />
          <TimeRange from={one.from} to={one.to} onChange={(times) => put(n, times)} />
        </Row>
      ))}
      <Problem text={firstError(errors, 'open')} />
      <Add
        text={t('settings.hours.addException')}
        onClick={() => set({ open: [...form.open, { date: today(), from: '09:00', to: '18:00' }] })}
      />
    </Card>
  );
}

/** One day is written alone. */
const joined = (first: string, last: string): string =>
  last === '' || last === first ? first : `${first}/${last}`;

/** Today where the centre is. */
const today = (): string => dateOf(Date.now(), centreZone() || 'UTC');

export function Row({
  name,
  onRemove,
  children,
}: {
  name: string;
  onRemove: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <fieldset className={styles.row}>
      <legend className="sr-only">{name}</legend>
      {children}
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t('settings.form.removeOne', { name })}
        onClick={onRemove}
      >
        <IconTrash size={17} />
      </ActionIcon>
    </fieldset>
  );
}

export function Problem({ text }: { text: string | undefined }) {
  return text === undefined ? null : <p className={styles.error}>{text}</p>;
}

export function Add({ text, onClick }: { text: string; onClick: () => void }) {
  return (
    <Button variant="light" size="xs" leftSection={<IconPlus size={14} />} onClick={onClick}>
      {text}
    </Button>
  );
}
