/** Registering a contact, and correcting one. */
import { Button, Loader } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { useCentreZone } from '../../format/zone';
import { Notice } from '../../shell/Notice';
import { useMayLead } from '../../shell/use-session';
import { useTitle } from '../../shell/use-title';
import { contactPath } from '../paths';
import { useChange } from './ActDialog';
import { ContactForm } from './ContactForm';
import { BackLink, Failure } from './ContactPage';
import styles from './Contacts.module.css';
import { useContactFault } from './faults';
import { bodyOf, type Form, formOf, newForm, patchOf } from './form';
import {
  type ContactDetail,
  contactKey,
  contactsKey,
  oneContact,
  registerContact,
} from './queries';
import { useServerTime } from './StateMark';
import './texts';

export function NewContactPage() {
  const { t } = useTranslation();
  const zone = useCentreZone() || 'UTC';
  const navigate = useNavigate();
  const cache = useQueryClient();
  const now = useServerTime();
  const fault = useContactFault();
  const [params] = useSearchParams();
  const [form, setForm] = useState<Form>(() => ({
    ...newForm(now(), zone),
    call: params.get('call') ?? '',
    queue: params.get('queue') ?? '',
  }));
  const mayAct = useMayLead();
  useTitle(t('contacts.register'));
  const register = useMutation({
    mutationFn: () => registerContact(bodyOf(form, zone)),
    onSuccess: async ({ id }) => {
      void navigate(contactPath(id), { replace: true });
      await cache.invalidateQueries({ queryKey: contactsKey });
    },
  });
  return (
    <main id="content" className={styles.page}>
      <BackLink />
      <div className={styles.narrow}>
        <h1>{t('contacts.register')}</h1>
        <p className={styles.intro}>{t('contacts.form.intro')}</p>
      </div>
      {mayAct ? (
        <ContactForm
          form={form}
          set={(part) => setForm((before) => ({ ...before, ...part }))}
          exists={false}
          fault={register.isError ? fault(register.error) : null}
          saving={register.isPending}
          yes={t('contacts.form.register')}
          onSubmit={() => register.mutate()}
          cancel={<Cancel to="/contacts" />}
        />
      ) : (
        <Notice>{t('error.code.forbidden')}</Notice>
      )}
    </main>
  );
}

export function EditContactPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useQuery({ queryKey: contactKey(id), queryFn: () => oneContact(id) });
  useTitle(t('contacts.correct'));
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
      {query.data !== undefined && <Edit contact={query.data} />}
    </main>
  );
}

function Edit({ contact }: { contact: ContactDetail }) {
  const { t } = useTranslation();
  const zone = useCentreZone() || 'UTC';
  const navigate = useNavigate();
  const fault = useContactFault();
  // What was read first is what is compared with; the server says when somebody was faster.
  const [read] = useState(contact);
  const [before] = useState(() => formOf(contact, zone));
  const [form, setForm] = useState(before);
  const change = useChange(read, () => void navigate(contactPath(read.id), { replace: true }));
  return (
    <>
      <div className={styles.narrow}>
        <h1>{t('contacts.form.correcting', { reference: read.reference })}</h1>
        <p className={styles.intro}>{t('contacts.form.correctIntro')}</p>
      </div>
      <ContactForm
        form={form}
        set={(part) => setForm((old) => ({ ...old, ...part }))}
        exists
        fault={change.isError ? fault(change.error) : null}
        saving={change.isPending}
        yes={t('contacts.form.save')}
        onSubmit={() => change.mutate(patchOf(form, before, zone))}
        cancel={<Cancel to={contactPath(read.id)} />}
      />
    </>
  );
}

function Cancel({ to }: { to: string }) {
  const { t } = useTranslation();
  return (
    <Button component={Link} to={to} variant="default">
      {t('contacts.act.cancel')}
    </Button>
  );
}
