import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, Route, Routes, useNavigate, useParams } from 'react-router';
import type { Settings, TeamItem, TeamSettings } from '../../../api/types';
import { Notice } from '../../../shell/Notice';
import { ChoiceField, ListField, SwitchField, TextField } from '../../../ui/form/fields';
import { Badge, Card, Fields, Section, Wide } from '../../../ui/form/Section';
import { DeleteItem, ItemForm } from '../parts/ItemForm';
import { useKnown } from '../parts/known';
import { Origin, OriginBadges } from '../parts/Origin';
import styles from '../parts/Table.module.css';
import { useEditor } from '../parts/use-editor';
import { useRefreshSettings } from '../parts/use-settings';
import { WithSettings } from '../parts/With';
import { saveItem } from '../queries';
import { type FigureSettings, saveFigures } from './queries';
import './texts';

const PATH = '/settings/teams';
/** Figures of a smaller team are those of persons. */
const LEAST = 3;
const NEW: TeamSettings = { name: '', pbx: '', agents: [] };

export default function TeamsSection() {
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
      title={t('settings.nav.teams')}
      lead={t('teams.lead')}
      actions={
        <Button component={Link} to={`${PATH}/new`} leftSection={<IconPlus size={16} />}>
          {t('teams.new')}
        </Button>
      }
    >
      <WithSettings>
        {(settings) => (
          <>
            <Teams items={settings.team} />
            <Figures settings={settings} />
          </>
        )}
      </WithSettings>
    </Section>
  );
}

function Teams({ items }: { items: readonly TeamItem[] }) {
  const { t } = useTranslation();
  if (items.length === 0) {
    return (
      <div className={styles.scroller}>
        <p className={styles.empty}>{t('teams.none')}</p>
      </div>
    );
  }
  return (
    <div className={styles.scroller}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('settings.field.name')}</th>
            <th scope="col">{t('settings.field.pbx')}</th>
            <th scope="col">{t('teams.agents')}</th>
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
              <td>{item.body.pbx || t('teams.everyPbx')}</td>
              <td>
                {item.body.agents.join(', ') || '–'}{' '}
                {item.body.agents.length < LEAST && <Badge tone="risk">{t('teams.small')}</Badge>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Whether each agent's time is kept: off, unless somebody turns it on. */
function Figures({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const refresh = useRefreshSettings();
  const item = settings.figures;
  const editor = useEditor<FigureSettings, Settings['figures']>({
    key: 'teams/figures',
    saved: item.body,
    version: item.version,
    save: (form, version) => saveFigures(form, version ?? item.version),
    onSaved: refresh,
    refresh,
  });
  return (
    <ItemForm editor={editor} item={item} toBody={(form) => form}>
      <Card title={t('teams.single')} lead={t('teams.singleLead')}>
        <Origin item={item} />
        <SwitchField
          label={t('teams.perAgent')}
          help={t('teams.perAgentHelp')}
          value={editor.form.per_agent}
          error={editor.error('per_agent')}
          onChange={(per_agent) => editor.set({ per_agent })}
        />
      </Card>
    </ItemForm>
  );
}

function EditorPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  return (
    <WithSettings>
      {(settings) => {
        const item = settings.team.find((one) => one.id === id) ?? null;
        if (item === null && id !== 'new') return <Notice>{t('settings.form.gone')}</Notice>;
        return <Form key={id} item={item} settings={settings} />;
      }}
    </WithSettings>
  );
}

function Form({ item, settings }: { item: TeamItem | null; settings: Settings }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const refresh = useRefreshSettings();
  const { members } = useKnown();
  const editor = useEditor<TeamSettings, TeamItem>({
    key: `teams/${item?.id ?? 'new'}`,
    saved: item?.body ?? NEW,
    version: item?.version ?? null,
    save: (form, version) => saveItem('team', item?.id ?? null, form, version),
    onSaved: async (stored) => {
      await refresh();
      if (item === null) void navigate(`${PATH}/${encodeURIComponent(stored.id)}`);
    },
    refresh,
    check: (form): Record<string, string> =>
      form.name.trim() === '' ? { name: t('settings.check.missing') } : {},
  });
  const { form, set, error } = editor;
  return (
    <Section
      title={item?.id ?? t('teams.new')}
      lead={t('teams.lead')}
      back={{ to: PATH, label: t('settings.nav.teams') }}
      actions={
        item !== null && (
          <DeleteItem kind="team" item={item} back={PATH}>
            <p>{t('teams.deleteMeans')}</p>
          </DeleteItem>
        )
      }
    >
      {item !== null && <Origin item={item} />}
      <ItemForm editor={editor} item={item} toBody={(value) => value}>
        <Card title={t('teams.who')} lead={t('teams.whoLead')}>
          <Fields>
            <TextField
              label={t('settings.field.name')}
              {...(item === null ? {} : { help: t('settings.help.fixed') })}
              value={form.name}
              disabled={item !== null}
              required
              error={error('name')}
              onChange={(name) => set({ name })}
            />
            <ChoiceField
              label={t('settings.field.pbx')}
              value={form.pbx}
              choices={[
                { value: '', label: t('teams.everyPbx') },
                ...settings.pbx.map(({ id }) => ({ value: id, label: id })),
              ]}
              error={error('pbx')}
              onChange={(pbx) => set({ pbx })}
            />
            <Wide>
              <ListField
                label={t('teams.agents')}
                help={t('teams.agentsHelp')}
                value={form.agents}
                suggestions={[...new Set(members.values())].sort()}
                error={error('agents')}
                onChange={(agents) => set({ agents })}
              />
            </Wide>
          </Fields>
        </Card>
      </ItemForm>
    </Section>
  );
}
