import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, Route, Routes, useNavigate, useParams } from 'react-router';
import type { Settings, VoiceServerItem, VoiceServerSettings } from '../../../api/types';
import { Notice } from '../../../shell/Notice';
import { ChoiceField, ListField, TextField } from '../../../ui/form/fields';
import { Card, Fields, Section } from '../../../ui/form/Section';
import { NEW_VOICE_SERVER } from '../parts/bodies';
import { DeleteItem, ItemForm } from '../parts/ItemForm';
import { useKnown } from '../parts/known';
import { Origin, OriginBadges } from '../parts/Origin';
import styles from '../parts/Table.module.css';
import { type Editor, useEditor } from '../parts/use-editor';
import { useRefreshSettings } from '../parts/use-settings';
import { WithSettings } from '../parts/With';
import { saveItem } from '../queries';

const PATH = '/settings/voice-servers';

export default function VoiceServersSection() {
  return (
    <Routes>
      <Route index element={<List />} />
      <Route path=":id" element={<EditorPage />} />
    </Routes>
  );
}

function List() {
  const { t } = useTranslation();
  return (
    <Section
      title={t('settings.nav.voice-servers')}
      lead={t('settings.voice.lead')}
      actions={
        <Button component={Link} to={`${PATH}/new`} leftSection={<IconPlus size={16} />}>
          {t('settings.voice.new')}
        </Button>
      }
    >
      <WithSettings>{(settings) => <Table items={settings.voice_server} />}</WithSettings>
    </Section>
  );
}

function Table({ items }: { items: readonly VoiceServerItem[] }) {
  const { t } = useTranslation();
  if (items.length === 0) {
    return (
      <div className={styles.scroller}>
        <p className={styles.empty}>{t('settings.voice.none')}</p>
      </div>
    );
  }
  return (
    <div className={styles.scroller}>
      <table className={styles.table}>
        <thead>
          <tr>
            {(['name', 'contexts', 'stasis_apps', 'counts_when'] as const).map((head) => (
              <th key={head} scope="col">
                {t(`settings.field.${head}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <th scope="row">
                <Link to={`${PATH}/${encodeURIComponent(item.id)}`}>{item.id}</Link>{' '}
                <span className={styles.badges}>
                  <OriginBadges item={item} />
                </span>
              </th>
              <td>{item.body.contexts.join(', ') || '–'}</td>
              <td>{item.body.stasis_apps.join(', ') || '–'}</td>
              <td>{t(`settings.value.counts_when_${item.body.counts_when}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function EditorPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  return (
    <WithSettings>
      {(settings) => {
        const item = settings.voice_server.find((one) => one.id === id) ?? null;
        if (item === null && id !== 'new') return <Notice>{t('settings.form.gone')}</Notice>;
        return <Form key={id} item={item} settings={settings} />;
      }}
    </WithSettings>
  );
}

function Form({ item, settings }: { item: VoiceServerItem | null; settings: Settings }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const refresh = useRefreshSettings();
  const editor = useEditor<VoiceServerSettings, VoiceServerItem>({
    key: `voice-servers/${item?.id ?? 'new'}`,
    saved: item?.body ?? NEW_VOICE_SERVER,
    version: item?.version ?? null,
    save: (form, version) => saveItem('voice_server', item?.id ?? null, form, version),
    onSaved: async (stored) => {
      await refresh();
      if (item === null) void navigate(`${PATH}/${encodeURIComponent(stored.id)}`);
    },
    refresh,
    check: (form): Record<string, string> =>
      form.name.trim() === '' ? { name: t('settings.check.missing') } : {},
  });
  return (
    <Section
      title={item?.id ?? t('settings.voice.new')}
      lead={t('settings.voice.lead')}
      back={{ to: PATH, label: t('settings.nav.voice-servers') }}
      actions={
        item !== null && (
          <DeleteItem kind="voice_server" item={item} back={PATH}>
            <p>{t('settings.voice.deleteMeans')}</p>
          </DeleteItem>
        )
      }
    >
      {item !== null && <Origin item={item} />}
      <ItemForm editor={editor} item={item} toBody={(form) => form}>
        <FormFields editor={editor} isNew={item === null} settings={settings} />
      </ItemForm>
    </Section>
  );
}

function FormFields({
  editor: { form, set, error },
  isNew,
}: {
  editor: Editor<VoiceServerSettings>;
  isNew: boolean;
  settings: Settings;
}) {
  const { t } = useTranslation();
  const { contexts, stasisApps } = useKnown();
  return (
    <>
      <Card title={t('settings.voice.where')} lead={t('settings.voice.whereLead')}>
        <Fields>
          <TextField
            label={t('settings.field.name')}
            help={t(isNew ? 'settings.help.voiceName' : 'settings.help.fixed')}
            value={form.name}
            disabled={!isNew}
            required
            error={error('name')}
            onChange={(name) => set({ name })}
          />
          <ListField
            label={t('settings.field.contexts')}
            help={t('settings.help.voiceContexts')}
            value={form.contexts}
            placeholder="ivr"
            suggestions={contexts}
            error={error('contexts')}
            onChange={(next) => set({ contexts: next })}
          />
          <ListField
            label={t('settings.field.stasis_apps')}
            help={t('settings.help.stasisApps')}
            value={form.stasis_apps}
            suggestions={stasisApps}
            error={error('stasis_apps')}
            onChange={(stasis_apps) => set({ stasis_apps })}
          />
        </Fields>
      </Card>
      <Card title={t('settings.voice.counts')}>
        <ChoiceField
          label={t('settings.field.counts_when')}
          help={t(`settings.countsHelp.${form.counts_when}`)}
          value={form.counts_when}
          choices={(['reached', 'first_input'] as const).map((value) => ({
            value,
            label: t(`settings.value.counts_when_${value}`),
          }))}
          error={error('counts_when')}
          onChange={(counts_when) => set({ counts_when })}
        />
      </Card>
    </>
  );
}
