import { useTranslation } from 'react-i18next';
import type { PbxItem } from '../../../api/types';
import { ListField, NumberField, SwitchField, TextField } from '../../../ui/form/fields';
import { Card, Fields, Wide } from '../../../ui/form/Section';
import type { PbxForm } from '../parts/bodies';
import { useDiscovered } from '../parts/known';
import type { Editor } from '../parts/use-editor';
import styles from './PbxTest.module.css';

interface Props {
  readonly editor: Editor<PbxForm>;
  readonly item: PbxItem | null;
}

export function PbxFields(props: Props) {
  return (
    <>
      <Manager {...props} />
      <Callers {...props} />
      <Tls {...props} />
      <Ari {...props} />
    </>
  );
}

function Manager({ editor, item }: Props) {
  const { t } = useTranslation();
  const { form, set, error } = editor;
  const stored = item?.has_secret.secret === true;
  return (
    <Card title={t('settings.pbxs.manager')} lead={t('settings.pbxs.managerLead')}>
      <Fields>
        <TextField
          label={t('settings.field.name')}
          help={t(item === null ? 'settings.help.pbxName' : 'settings.help.fixed')}
          value={form.name}
          disabled={item !== null}
          required
          error={error('name')}
          onChange={(name) => set({ name })}
        />
        <TextField
          label={t('settings.field.host')}
          help={t('settings.help.host')}
          value={form.host}
          required
          error={error('host')}
          onChange={(host) => set({ host })}
        />
        <NumberField
          label={t('settings.field.port')}
          help={t('settings.help.port')}
          value={form.port}
          error={error('port')}
          onChange={(port) => set({ port: port ?? 5038 })}
        />
        <TextField
          label={t('settings.field.username')}
          help={t('settings.help.username')}
          value={form.username}
          required
          error={error('username')}
          onChange={(username) => set({ username })}
        />
        <TextField
          label={t('settings.field.secret')}
          help={t(stored ? 'settings.help.secretStored' : 'settings.help.secret')}
          type="password"
          value={form.secret}
          placeholder={stored ? t('settings.form.unchanged') : undefined}
          error={error('secret')}
          onChange={(secret) => set({ secret })}
        />
      </Fields>
    </Card>
  );
}

function Callers({ editor, item }: Props) {
  const { t } = useTranslation();
  const { form, set, error } = editor;
  const found = useDiscovered();
  const contexts = (found.data?.contexts ?? []).filter(({ pbx }) => pbx === item?.id);
  const free = contexts.filter(({ role }) => role === '');
  return (
    <Card title={t('settings.pbxs.callers')}>
      <Fields>
        <Wide>
          <ListField
            label={t('settings.field.incoming_contexts')}
            help={t('settings.help.incomingContexts')}
            value={form.incoming_contexts}
            placeholder="incoming"
            suggestions={contexts.map(({ context }) => context)}
            error={error('incoming_contexts')}
            onChange={(incoming_contexts) => set({ incoming_contexts })}
          />
        </Wide>
        {free.length > 0 && (
          <Wide>
            <p className={styles.also}>
              {t('settings.pbxs.otherContexts', {
                contexts: free.map(({ context, callers }) => `${context} (${callers})`).join(', '),
              })}
            </p>
          </Wide>
        )}
        <TextField
          label={t('settings.field.queue_log')}
          help={t('settings.help.queueLog')}
          value={form.queue_log}
          placeholder="/var/log/asterisk/queue_log"
          error={error('queue_log')}
          onChange={(queue_log) => set({ queue_log })}
        />
      </Fields>
    </Card>
  );
}

function Tls({ editor }: Props) {
  const { t } = useTranslation();
  const { form, set, error } = editor;
  const put = (next: Partial<PbxForm['tls']>) =>
    set((value) => ({ ...value, tls: { ...value.tls, ...next } }));
  return (
    <Card
      title={t('settings.pbxs.tls')}
      aside={
        <SwitchField
          label={t('settings.pbxs.useTls')}
          value={form.useTls}
          onChange={(useTls) => set({ useTls })}
        />
      }
    >
      {form.useTls ? (
        <Fields>
          <TextField
            label={t('settings.field.ca_file')}
            help={t('settings.help.caFile')}
            value={form.tls.ca_file}
            error={error('tls.ca_file')}
            onChange={(ca_file) => put({ ca_file })}
          />
          <TextField
            label={t('settings.field.server_name')}
            help={t('settings.help.serverName')}
            value={form.tls.server_name}
            error={error('tls.server_name')}
            onChange={(server_name) => put({ server_name })}
          />
          <SwitchField
            label={t('settings.field.verify')}
            help={t('settings.help.verify')}
            value={form.tls.verify}
            onChange={(verify) => put({ verify })}
          />
        </Fields>
      ) : (
        <p className={styles.also}>{t('settings.pbxs.noTls')}</p>
      )}
    </Card>
  );
}

function Ari({ editor, item }: Props) {
  const { t } = useTranslation();
  const { form, set, error } = editor;
  const stored = item?.has_secret['ari.password'] === true;
  const put = (next: Partial<PbxForm['ari']>) =>
    set((value) => ({ ...value, ari: { ...value.ari, ...next } }));
  return (
    <Card
      title={t('settings.pbxs.ari')}
      lead={t('settings.pbxs.ariLead')}
      aside={
        <SwitchField
          label={t('settings.pbxs.useAri')}
          value={form.useAri}
          onChange={(useAri) => set({ useAri })}
        />
      }
    >
      {form.useAri && (
        <Fields>
          <TextField
            label={t('settings.field.url')}
            help={t('settings.help.ariUrl')}
            type="url"
            value={form.ari.url}
            placeholder="http://127.0.0.1:8088/ari"
            error={error('ari.url')}
            onChange={(url) => put({ url })}
          />
          <TextField
            label={t('settings.field.username')}
            help={t('settings.help.ariUsername')}
            value={form.ari.username}
            error={error('ari.username')}
            onChange={(username) => put({ username })}
          />
          <TextField
            label={t('settings.field.password')}
            help={t(stored ? 'settings.help.secretStored' : 'settings.help.secret')}
            type="password"
            value={form.ari.password}
            placeholder={stored ? t('settings.form.unchanged') : undefined}
            error={error('ari.password')}
            onChange={(password) => put({ password })}
          />
          <TextField
            label={t('settings.field.app')}
            help={t('settings.help.ariApp')}
            value={form.ari.app}
            error={error('ari.app')}
            onChange={(app) => put({ app })}
          />
        </Fields>
      )}
    </Card>
  );
}
