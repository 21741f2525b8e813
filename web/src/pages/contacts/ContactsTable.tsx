import { Button, Table } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useFormat } from '../../format/use-format';
import { useQueueLabel } from '../../ui/queue-label';
import { contactPath } from '../paths';
import { ActDialog } from './ActDialog';
import styles from './Contacts.module.css';
import type { Contact, ContactDetail } from './queries';
import { ChannelMark, StateMark, TimeLeft, useStateNow } from './StateMark';
import own from './Table.module.css';
import { isOpen, useWhy } from './words';

const COLUMNS = [
  'deadline',
  'stateLabel',
  'channelLabel',
  'reference',
  'queue',
  'received',
] as const;

interface Props {
  readonly contacts: readonly Contact[];
  readonly mayAct: boolean;
  readonly onDone: (done: ContactDetail) => void;
}

export function ContactsTable({ contacts, mayAct, onDone }: Props) {
  const { t } = useTranslation();
  const [answering, setAnswering] = useState<Contact | null>(null);
  const [changed, setChanged] = useState<ContactDetail | null>(null);
  const settle = useEffectEvent(onDone);
  // Once the dialog is gone: its line goes from the work list, and its button with it.
  useEffect(() => {
    if (changed !== null && answering === null) settle(changed);
  }, [changed, answering]);
  return (
    <div className={own.scroller}>
      <Table verticalSpacing="xs" className={own.table} aria-label={t('contacts.title')}>
        <Table.Thead className={own.head}>
          <Table.Tr>
            {COLUMNS.map((name) => (
              <Table.Th key={name}>{t(`contacts.${name}`)}</Table.Th>
            ))}
            {mayAct && (
              <Table.Th>
                <span className="sr-only">{t('contacts.actions')}</span>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {contacts.map((contact) => (
            <Line
              key={contact.id}
              contact={contact}
              mayAct={mayAct}
              onAnswer={() => setAnswering(contact)}
            />
          ))}
        </Table.Tbody>
      </Table>
      {answering !== null && (
        <ActDialog
          contact={answering}
          act="answered"
          onDone={setChanged}
          onClose={() => setAnswering(null)}
        />
      )}
    </div>
  );
}

function Line({
  contact,
  mayAct,
  onAnswer,
}: {
  contact: Contact;
  mayAct: boolean;
  onAnswer: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const label = useQueueLabel();
  const why = useWhy();
  const state = useStateNow(contact);
  const open = isOpen(contact);
  const about = [contact.name, contact.subject].filter((text) => text !== '').join(' · ');
  const callback = contact.channel === 'callback';
  return (
    <Table.Tr data-state={state} className={own.line}>
      <Table.Td className={own.deadline}>
        {open ? (
          <TimeLeft contact={contact} state={state} />
        ) : (
          <span className={own.why}>{why(contact)}</span>
        )}
        <small className={own.small}>
          <time dateTime={contact.deadline_at}>
            {format.dateTime(Date.parse(contact.deadline_at))}
          </time>
        </small>
      </Table.Td>
      <Table.Td>
        <StateMark state={state} />
      </Table.Td>
      <Table.Td className={own.minor}>
        <ChannelMark channel={contact.channel} />
      </Table.Td>
      <Table.Td className={own.about}>
        <Link to={contactPath(contact.id)} className={own.link}>
          {contact.reference}
        </Link>
        {about !== '' && <small className={own.small}>{about}</small>}
      </Table.Td>
      <Table.Td className={own.minor}>
        {contact.queue === '' ? (
          <span className={styles.note}>{t('contacts.noQueue')}</span>
        ) : (
          label(contact.queue)
        )}
      </Table.Td>
      <Table.Td className={`${own.nowrap} ${own.minor}`}>
        <span className={own.phoneLabel}>{t('contacts.received')}</span>{' '}
        {format.dateTime(Date.parse(contact.received_at))}
      </Table.Td>
      {mayAct && (
        <Table.Td className={own.act}>
          {open && (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconCheck size={15} aria-hidden />}
              onClick={onAnswer}
            >
              {t(callback ? 'contacts.called' : 'contacts.answer')}
              <span className="sr-only"> {contact.reference}</span>
            </Button>
          )}
        </Table.Td>
      )}
    </Table.Tr>
  );
}
