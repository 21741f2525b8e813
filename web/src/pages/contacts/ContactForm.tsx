import {
  Button,
  NativeSelect,
  NumberInput,
  SegmentedControl,
  Textarea,
  TextInput,
} from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../shell/use-session';
import { useLiveLabels } from '../../ui/queue-label';
import styles from './Contacts.module.css';
import { useCalendars } from './calendars';
import own from './Form.module.css';
import type { ContactFault } from './faults';
import { CHANNELS } from './filters';
import { type Form, PROMISES, UNITS } from './form';

interface Props {
  readonly form: Form;
  readonly set: (part: Partial<Form>) => void;
  /** It exists already: its reference stays. */
  readonly exists: boolean;
  readonly fault: ContactFault | null;
  readonly saving: boolean;
  readonly yes: string;
  readonly onSubmit: () => void;
  readonly cancel: ReactNode;
}

/** What is told of a contact when it is registered, or corrected later. */
export function ContactForm(props: Props) {
  const { t } = useTranslation();
  const { form, set, fault, exists } = props;
  const sees = useSession()?.sees_numbers ?? false;
  const error = (...names: string[]) =>
    fault !== null && names.includes(fault.field) ? fault.text : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    props.onSubmit();
  };
  const lost = fault !== null && !FIELDS.includes(fault.field);
  return (
    <form className={own.form} onSubmit={submit}>
      {lost && (
        <p role="alert" className={styles.problem}>
          {fault.text}
        </p>
      )}
      <section className={styles.block}>
        <h2>{t('contacts.form.what')}</h2>
        <div className={own.fields}>
          <NativeSelect
            label={t('contacts.channelLabel')}
            value={form.channel}
            onChange={({ currentTarget: { value } }) =>
              set({ channel: CHANNELS.find((one) => one === value) ?? 'email' })
            }
            data={CHANNELS.map((value) => ({ value, label: t(`contacts.channel.${value}`) }))}
          />
          {!exists && (
            <TextInput
              label={t('contacts.reference')}
              description={t('contacts.form.referenceHelp')}
              required
              withAsterisk={false}
              maxLength={200}
              autoComplete="off"
              value={form.reference}
              error={error('reference')}
              onChange={({ currentTarget: { value } }) => set({ reference: value })}
            />
          )}
          <Received {...props} error={error('received_at')} />
          <QueueField {...props} error={error('queue', 'pbx')} />
        </div>
      </section>
      <section className={styles.block}>
        <h2>{t('contacts.form.promise')}</h2>
        <p className={styles.help}>{t('contacts.form.promiseHelp')}</p>
        <Announced {...props} error={error('deadline', ...ANNOUNCED)} />
      </section>
      {(sees || !exists) && (
        <section className={styles.block}>
          <h2>{t('contacts.person')}</h2>
          <p className={styles.help}>{t('contacts.form.personHelp')}</p>
          <div className={own.fields}>
            {(['name', 'number', 'email'] as const).map((name) => (
              <TextInput
                key={name}
                label={t(`contacts.field.${name}`)}
                maxLength={200}
                autoComplete="off"
                value={form[name]}
                error={error(name)}
                onChange={({ currentTarget: { value } }) => set({ [name]: value })}
              />
            ))}
            <TextInput
              label={t('contacts.field.subject')}
              maxLength={2_000}
              autoComplete="off"
              value={form.subject}
              error={error('subject')}
              onChange={({ currentTarget: { value } }) => set({ subject: value })}
            />
            <Textarea
              className={own.wide}
              label={t('contacts.field.note')}
              maxLength={2_000}
              autosize={false}
              rows={3}
              value={form.note}
              error={error('note')}
              onChange={({ currentTarget: { value } }) => set({ note: value })}
            />
          </div>
        </section>
      )}
      <div className={own.end}>
        {props.cancel}
        <Button type="submit" loading={props.saving}>
          {props.yes}
        </Button>
      </div>
    </form>
  );
}

const ANNOUNCED = ['deadline_at', 'within_s', 'within_opening_s', 'calendar'];
const FIELDS = [
  'reference',
  'received_at',
  'queue',
  'pbx',
  'deadline',
  ...ANNOUNCED,
  'name',
  'number',
  'email',
  'subject',
  'note',
];

type Part = Pick<Props, 'form' | 'set' | 'exists'> & { readonly error: string | undefined };

function Received({ form, set, exists, error }: Part) {
  const { t } = useTranslation();
  return (
    <div className={styles.stack}>
      {!exists && (
        <div className={own.labelled}>
          <span id="contact-received">{t('contacts.received')}</span>
          <SegmentedControl
            aria-labelledby="contact-received"
            value={form.isNow ? 'now' : 'then'}
            onChange={(value) => set({ isNow: value === 'now' })}
            data={[
              { value: 'now', label: t('contacts.act.now') },
              { value: 'then', label: t('contacts.act.then') },
            ]}
          />
        </div>
      )}
      {(exists || !form.isNow) && (
        <TextInput
          type="datetime-local"
          required
          withAsterisk={false}
          {...(exists
            ? { label: t('contacts.received') }
            : { 'aria-label': t('contacts.act.moment') })}
          value={form.received}
          error={error}
          onChange={({ currentTarget: { value } }) => set({ received: value })}
        />
      )}
    </div>
  );
}

function QueueField({ form, set, error }: Part) {
  const { t } = useTranslation();
  const labels = useLiveLabels();
  const seesAll = useSession()?.queues === null;
  const names = new Map(labels);
  if (form.queue !== '' && !names.has(form.queue)) names.set(form.queue, form.queue);
  return (
    <NativeSelect
      label={t('contacts.queue')}
      description={t('contacts.form.queueHelp')}
      value={form.queue}
      error={error}
      onChange={({ currentTarget: { value } }) => set({ queue: value, pbx: '' })}
      data={[
        { value: '', label: t(seesAll ? 'contacts.noQueue' : 'contacts.form.chooseQueue') },
        ...[...names].map(([value, label]) => ({ value, label: label || value })),
      ]}
    />
  );
}

function Announced({ form, set, error }: Part) {
  const { t, i18n } = useTranslation();
  const calendars = useCalendars(form.calendar);
  return (
    <div className={own.fields}>
      <NativeSelect
        label={t('contacts.form.kind')}
        value={form.promise}
        onChange={({ currentTarget: { value } }) =>
          set({ promise: PROMISES.find((one) => one === value) ?? 'span' })
        }
        data={PROMISES.map((value) => ({ value, label: t(`contacts.form.kinds.${value}`) }))}
      />
      {form.promise === 'moment' ? (
        <TextInput
          type="datetime-local"
          label={t('contacts.form.until')}
          required
          withAsterisk={false}
          value={form.until}
          error={error}
          onChange={({ currentTarget: { value } }) => set({ until: value })}
        />
      ) : (
        <div className={own.amount}>
          <NumberInput
            label={t('contacts.form.within')}
            required
            withAsterisk={false}
            hideControls
            allowNegative={false}
            decimalScale={2}
            decimalSeparator={i18n.resolvedLanguage === 'fr' ? ',' : '.'}
            value={form.amount}
            error={error}
            onChange={(value) => set({ amount: value })}
          />
          <NativeSelect
            aria-label={t('contacts.form.unit')}
            value={form.unit}
            onChange={({ currentTarget: { value } }) =>
              set({ unit: UNITS.find((one) => one === value) ?? 'hours' })
            }
            data={UNITS.map((value) => ({ value, label: t(`contacts.form.units.${value}`) }))}
          />
        </div>
      )}
      {form.promise === 'opening_hours' && (
        <NativeSelect
          label={t('contacts.form.calendar')}
          value={form.calendar}
          onChange={({ currentTarget: { value } }) => set({ calendar: value })}
          data={[
            { value: '', label: t('contacts.form.ownCalendar') },
            ...calendars.map((value) => ({ value, label: value })),
          ]}
        />
      )}
    </div>
  );
}
