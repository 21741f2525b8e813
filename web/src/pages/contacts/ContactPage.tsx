import { Button, Loader } from '@mantine/core';
import { IconArrowLeft, IconCheck, IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { ApiError } from '../../api/client';
import { useFormat } from '../../format/use-format';
import { ErrorNotice, Notice } from '../../shell/Notice';
import { useMayLead, useSession } from '../../shell/use-session';
import { useTitle } from '../../shell/use-title';
import { useQueueLabel } from '../../ui/queue-label';
import { callPath, contactPath, policyPath } from '../paths';
import { type Act, ActDialog, useChange } from './ActDialog';
import styles from './Contacts.module.css';
import { Course } from './Course';
import { useContactFault } from './faults';
import own from './One.module.css';
import { type ContactDetail, contactKey, oneContact, type Patch } from './queries';
import { ChannelMark, StateMark, TimeLeft, useStateNow } from './StateMark';
import './texts';
import { TimeBar } from './TimeBar';
import { isOpen, usePromise, useSpan, useWhy } from './words';

/** What others do is seen after so long; the clock itself runs by the second. */
const REFRESH_MS = 30_000;

export default function ContactPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useQuery({
    queryKey: contactKey(id),
    queryFn: () => oneContact(id),
    refetchInterval: ({ state: { data } }) => (data && isOpen(data) ? REFRESH_MS : false),
  });
  return (
    <main id="content" className={styles.page}>
      <BackLink />
      {query.isPending && (
        <Notice>
          <Loader aria-label={t('app.loading')} />
        </Notice>
      )}
      {query.isError && query.data === undefined && (
        <Failure error={query.error} retry={() => void query.refetch()} />
      )}
      {query.data !== undefined && <View contact={query.data} />}
    </main>
  );
}

export function BackLink() {
  const { t } = useTranslation();
  return (
    <Link to="/contacts" className={styles.back}>
      <IconArrowLeft size={16} aria-hidden /> {t('contacts.back')}
    </Link>
  );
}

export function Failure({ error, retry }: { error: Error; retry: () => void }) {
  const { t } = useTranslation();
  if (error instanceof ApiError && error.status === 404) {
    return <Notice>{t('contacts.missing')}</Notice>;
  }
  return <ErrorNotice error={error} retry={retry} />;
}

function View({ contact }: { contact: ContactDetail }) {
  const { t } = useTranslation();
  const state = useStateNow(contact);
  const why = useWhy()(contact);
  const heading = useRef<HTMLHeadingElement>(null);
  const title = t('contacts.one', {
    channel: t(`contacts.channel.${contact.channel}`),
    reference: contact.reference,
  });
  useTitle(title);
  return (
    <>
      <header className={own.verdictHead} data-state={state}>
        <div className={styles.head}>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          <Actions contact={contact} onDone={() => heading.current?.focus()} />
        </div>
        <p className={own.verdict}>
          <strong className={own.word}>
            <StateMark state={state} size="1.3em" />
          </strong>
          {isOpen(contact) && <TimeLeft contact={contact} state={state} />}
          {why !== '' && <span>{why}</span>}
        </p>
        <TimeBar contact={contact} />
      </header>
      <div className={own.columns}>
        <div className={styles.stack}>
          <Facts contact={contact} />
          <Person contact={contact} />
        </div>
        <Course contact={contact} />
      </div>
    </>
  );
}

/** What may be done; what was done can be taken back. */
function Actions({ contact, onDone }: { contact: ContactDetail; onDone: () => void }) {
  const { t } = useTranslation();
  const mayAct = useMayLead();
  const fault = useContactFault();
  const [act, setAct] = useState<Act | null>(null);
  const [said, setSaid] = useState('');
  const [changed, setChanged] = useState(0);
  const done = () => {
    setSaid(t('contacts.done', { reference: contact.reference }));
    setChanged((before) => before + 1);
  };
  const closed = act === null;
  const settle = useEffectEvent(onDone);
  // Once the dialog is gone: the button that opened it may be gone, too.
  useEffect(() => {
    if (changed > 0 && closed) settle();
  }, [changed, closed]);
  const back = useChange(contact, done);
  if (!mayAct) return null;
  const { answered_at, withdrawn_at, verdict } = contact;
  const undo: Patch | null =
    verdict === 'excluded'
      ? { excluded: null }
      : answered_at !== null
        ? { answered_at: null, answered_by: '' }
        : withdrawn_at !== null
          ? { withdrawn_at: null }
          : null;
  const callback = contact.channel === 'callback';
  return (
    <div className={styles.buttons}>
      {undo === null ? (
        <>
          <Button
            leftSection={<IconCheck size={16} aria-hidden />}
            onClick={() => setAct('answered')}
          >
            {t(callback ? 'contacts.called' : 'contacts.answer')}
          </Button>
          <Button variant="default" onClick={() => setAct('withdrawn')}>
            {t('contacts.withdraw')}
          </Button>
          <Button variant="default" onClick={() => setAct('excluded')}>
            {t('contacts.exclude')}
          </Button>
        </>
      ) : (
        <Button variant="default" loading={back.isPending} onClick={() => back.mutate(undo)}>
          {t(
            verdict === 'excluded'
              ? 'contacts.count'
              : answered_at !== null
                ? 'contacts.unanswer'
                : 'contacts.unwithdraw',
          )}
        </Button>
      )}
      <Button
        component={Link}
        to={`${contactPath(contact.id)}/edit`}
        variant="default"
        leftSection={<IconPencil size={16} aria-hidden />}
      >
        {t('contacts.correct')}
      </Button>
      {back.isError && (
        <p role="alert" className={styles.problem}>
          {fault(back.error).text}
        </p>
      )}
      <p role="status" className="sr-only">
        {said}
      </p>
      {act !== null && (
        <ActDialog contact={contact} act={act} onDone={done} onClose={() => setAct(null)} />
      )}
    </div>
  );
}

function Facts({ contact }: { contact: ContactDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const label = useQueueLabel();
  const promise = usePromise();
  const span = useSpan();
  const moment = (at: string) => (
    <time dateTime={at} title={at}>
      {format.dateTime(Date.parse(at))}
    </time>
  );
  const { answered_at, withdrawn_at, answer_time_s, call_id } = contact;
  return (
    <section className={styles.block}>
      <h2>{t('contacts.facts')}</h2>
      <dl className={own.facts}>
        <Row label={t('contacts.channelLabel')}>
          <ChannelMark channel={contact.channel} />
        </Row>
        <Row label={t('contacts.received')}>{moment(contact.received_at)}</Row>
        <Row label={t('contacts.promised')}>{promise(contact)}</Row>
        <Row label={t('contacts.deadline')}>
          {moment(contact.deadline_at)}{' '}
          {contact.promise.kind === 'opening_hours' && (
            <Link to={policyPath(contact.policy_version)} className={styles.note}>
              {t('contacts.policy', { version: contact.policy_version })}
            </Link>
          )}
        </Row>
        {answered_at !== null && (
          <Row
            label={t(contact.channel === 'callback' ? 'contacts.calledAt' : 'contacts.answeredAt')}
          >
            {moment(answered_at)}
            {contact.answered_by !== '' && <> · {contact.answered_by}</>}
          </Row>
        )}
        {answer_time_s !== null && (
          <Row label={t('contacts.answerTime')}>{span(answer_time_s * 1_000)}</Row>
        )}
        {withdrawn_at !== null && (
          <Row label={t('contacts.withdrawnAt')}>{moment(withdrawn_at)}</Row>
        )}
        <Row label={t('contacts.queue')}>
          {contact.queue === '' ? t('contacts.noQueue') : label(contact.queue)}
        </Row>
        {contact.pbx !== '' && <Row label={t('calls.pbx')}>{contact.pbx}</Row>}
        {contact.team !== '' && <Row label={t('contacts.team')}>{contact.team}</Row>}
        {call_id !== '' && (
          <Row label={t('contacts.call')}>
            <Link to={callPath(call_id)}>{t('contacts.openCall')}</Link>
          </Row>
        )}
        <Row label={t('contacts.source')}>{contact.source}</Row>
        {contact.corrections > 0 && (
          <Row label={t('contacts.corrections')}>{format.integer(contact.corrections)}</Row>
        )}
      </dl>
    </section>
  );
}

const PERSONAL = ['name', 'number', 'email', 'subject', 'note'] as const;

function Person({ contact }: { contact: ContactDetail }) {
  const { t } = useTranslation();
  const sees = useSession()?.sees_numbers ?? false;
  const told = PERSONAL.filter((name) => contact[name] !== '');
  return (
    <section className={styles.block}>
      <h2>{t('contacts.person')}</h2>
      {told.length === 0 ? (
        <p className={styles.note}>{t('contacts.nobody')}</p>
      ) : (
        <dl className={own.facts}>
          {told.map((name) => (
            <Row key={name} label={t(`contacts.field.${name}`)}>
              {contact[name]}
            </Row>
          ))}
        </dl>
      )}
      {!sees && told.length > 0 && <p className={styles.note}>{t('contacts.hidden')}</p>}
    </section>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
