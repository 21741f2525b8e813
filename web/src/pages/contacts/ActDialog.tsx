import { Button, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCentreZone } from '../../format/zone';
import { useSession } from '../../shell/use-session';
import { Dialog } from '../../ui/Dialog';
import { localOf, momentOf } from '../history/range';
import styles from './Contacts.module.css';
import own from './Form.module.css';
import { useContactFault } from './faults';
import {
  type Contact,
  type ContactDetail,
  changeContact,
  contactKey,
  contactsKey,
  type Excluding,
  type Patch,
} from './queries';
import { useServerTime } from './StateMark';

export type Act = 'answered' | 'withdrawn' | 'excluded';

const EXCLUDING: readonly Excluding[] = ['duplicate', 'unsolicited', 'test', 'not_ours'];
const SOON_MS = 60_000;

/** Changes a contact; everything that was read of contacts is read anew afterwards. */
export function useChange(contact: Contact, onDone: (done: ContactDetail) => void) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (patch: Patch) => changeContact(contact.id, contact.version, patch),
    onSuccess: (done) => {
      cache.setQueryData(contactKey(done.id), done);
      onDone(done);
    },
    // Also after a refusal: somebody else may have been faster.
    onSettled: () => cache.invalidateQueries({ queryKey: contactsKey }),
  });
}

/** Notes that a contact was answered, withdrawn, or does not count. */
export function ActDialog({
  contact,
  act,
  onDone,
  onClose,
}: {
  contact: Contact;
  act: Act;
  onDone: (done: ContactDetail) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const zone = useCentreZone() || 'UTC';
  const serverTime = useServerTime();
  const fault = useContactFault();
  const name = useSession()?.name ?? '';
  const [isNow, setNow] = useState(true);
  const [local, setLocal] = useState(() => localOf(serverTime(), zone));
  const [by, setBy] = useState(name);
  const [excluded, setExcluded] = useState<Excluding>('duplicate');
  const change = useChange(contact, (done) => {
    onDone(done);
    onClose();
  });
  const found = change.isError ? fault(change.error) : null;
  const callback = contact.channel === 'callback';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (act === 'excluded') {
      change.mutate({ excluded });
      return;
    }
    const at = isNow ? serverTime() : momentOf(local, zone);
    if (Number.isNaN(at)) return;
    // A field without seconds means all of the minute in which the contact came, and the clock is
    // an estimate.
    const received = Date.parse(contact.received_at);
    const early = at < received && received - at < SOON_MS;
    const moment = new Date(early ? received : at).toISOString();
    change.mutate(
      act === 'answered'
        ? { answered_at: moment, answered_by: by.trim() }
        : { withdrawn_at: moment },
    );
  };
  const title = act === 'answered' && callback ? 'called' : act;
  return (
    <Dialog title={t(`contacts.act.title.${title}`)} onClose={onClose}>
      <form className={own.dialog} onSubmit={submit}>
        <p className={styles.help}>
          {t(`contacts.act.help.${title}`, { reference: contact.reference })}
        </p>
        {found !== null && found.field === '' && (
          <p role="alert" className={styles.problem}>
            {found.text}
          </p>
        )}
        {act === 'excluded' ? (
          <NativeSelect
            label={t('contacts.act.why')}
            value={excluded}
            onChange={({ currentTarget: { value } }) =>
              setExcluded(EXCLUDING.find((one) => one === value) ?? 'duplicate')
            }
            data={EXCLUDING.map((value) => ({ value, label: t(`contacts.excluding.${value}`) }))}
          />
        ) : (
          <>
            <div className={own.when}>
              <SegmentedControl
                aria-label={t('contacts.act.when')}
                value={isNow ? 'now' : 'then'}
                onChange={(value) => setNow(value === 'now')}
                data={[
                  { value: 'now', label: t('contacts.act.now') },
                  { value: 'then', label: t('contacts.act.then') },
                ]}
              />
              {!isNow && (
                <TextInput
                  type="datetime-local"
                  aria-label={t('contacts.act.moment')}
                  value={local}
                  required
                  error={found?.field.endsWith('_at') ? found.text : undefined}
                  onChange={({ currentTarget: { value } }) => setLocal(value)}
                />
              )}
            </div>
            {isNow && found?.field.endsWith('_at') && (
              <p role="alert" className={styles.problem}>
                {found.text}
              </p>
            )}
            {act === 'answered' && (
              <TextInput
                label={t('contacts.act.by')}
                value={by}
                maxLength={200}
                onChange={({ currentTarget: { value } }) => setBy(value)}
              />
            )}
          </>
        )}
        <div className={own.end}>
          <Button variant="default" onClick={onClose}>
            {t('contacts.act.cancel')}
          </Button>
          <Button type="submit" loading={change.isPending}>
            {t(`contacts.act.yes.${title}`)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
