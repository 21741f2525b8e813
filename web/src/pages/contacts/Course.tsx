import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import { useQueueLabel } from '../../ui/queue-label';
import styles from './Contacts.module.css';
import { CHANNELS } from './filters';
import own from './One.module.css';
import type { ContactDetail, ContactVersion } from './queries';
import { useSpan } from './words';

/** Who the monitor is in the history. */
const CLOCK = 'minuteur';

/** What is told of a change; the rest follows from it, as a verdict does. */
const TOLD = [
  'channel',
  'received_at',
  'span',
  'calendar',
  'deadline_at',
  'answered_at',
  'answered_by',
  'withdrawn_at',
  'excluded',
  'queue',
  'pbx',
  'team',
  'call_id',
  'name',
  'number',
  'email',
  'subject',
  'note',
] as const;
type Told = (typeof TOLD)[number];
const PERSONAL: readonly Told[] = ['name', 'number', 'email', 'subject', 'note'];
const EXCLUDING = ['duplicate', 'unsolicited', 'test', 'not_ours'] as const;

/** Who changed what, and when: the last change first. */
export function Course({ contact }: { contact: ContactDetail }) {
  const { t } = useTranslation();
  return (
    <section className={styles.block}>
      <h2>{t('contacts.course')}</h2>
      <ol className={own.course}>
        {contact.changes.toReversed().map((change) => (
          <Version key={change.version} change={change} />
        ))}
      </ol>
    </section>
  );
}

function Version({ change }: { change: ContactVersion }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useValue();
  const named = TOLD.filter((name) => change.what !== 'registered' && name in change.after);
  const by = change.via === 'monitor' && change.by === CLOCK ? t('contacts.byClock') : change.by;
  return (
    <li>
      <time dateTime={change.at} className={own.by}>
        {format.dateTime(Date.parse(change.at))}
      </time>
      <div>
        <strong className={own.what} data-what={change.what}>
          {t(`contacts.what.${change.what}`)}
        </strong>{' '}
        <span className={own.by}>{by}</span>
        {named.map((name) => (
          <small key={name} className={own.detail}>
            {PERSONAL.includes(name)
              ? t('contacts.fieldChanged', { field: t(`contacts.field.${name}`) })
              : t('contacts.fieldFromTo', {
                  field: t(`contacts.field.${name}`),
                  from: words(name, change.before[name]),
                  to: words(name, change.after[name]),
                })}
          </small>
        ))}
      </div>
    </li>
  );
}

type Value = ContactVersion['after'][string];

/** A stored value in words. */
function useValue(): (name: Told, value: Value | undefined) => string {
  const { t } = useTranslation();
  const format = useFormat();
  const span = useSpan();
  const label = useQueueLabel();
  return (name, value) => {
    if (value === null || value === undefined || value === '') return '–';
    if (name.endsWith('_at')) return format.dateTime(Date.parse(String(value)));
    if (name === 'span') return span(Number(value));
    if (name === 'queue') return label(String(value));
    const channel = CHANNELS.find((one) => one === value);
    if (name === 'channel' && channel !== undefined) return t(`contacts.channel.${channel}`);
    const why = EXCLUDING.find((one) => one === value);
    if (name === 'excluded' && why !== undefined) return t(`contacts.excluding.${why}`);
    return String(value);
  };
}
