import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import type { RuleOut } from '../../../api/types';
import { ErrorNotice, Notice } from '../../../shell/Notice';
import { Section } from '../../../ui/form/Section';
import { Complaints } from '../parts/Complaints';
import { Conflict } from '../parts/Conflict';
import { Loading } from '../parts/Loading';
import { type Editor, useEditor } from '../parts/use-editor';
import { changeRule, createRule } from '../queries';
import { NEW_RULE, type RuleForm, toBody, toForm } from './body';
import { checkRule } from './check';
import { RuleFields } from './RuleFields';
import { RuleSaveBar } from './RuleSaveBar';
import styles from './Rules.module.css';
import { useRuleWords } from './sentence';
import { useRefreshRules, useRules } from './use-rules';

export function NewRule() {
  const { t } = useTranslation();
  const editor = useRuleEditor(null);
  return (
    <Section
      title={t('settings.rules.newTitle')}
      lead={t('settings.rules.newLead')}
      back={{ to: '/settings/rules', label: t('settings.nav.rules') }}
    >
      <Form editor={editor} rule={null} />
    </Section>
  );
}

export function RuleEditor() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const rules = useRules();
  const rule = rules.data?.find((one) => one.id === id);
  if (rules.isPending) return <Loading />;
  if (rules.data === undefined) {
    return <ErrorNotice error={rules.error} retry={() => void rules.refetch()} />;
  }
  if (rule === undefined) return <Notice>{t('settings.rules.gone')}</Notice>;
  return <Existing key={id} rule={rule} />;
}

function Existing({ rule }: { rule: RuleOut }) {
  const { t } = useTranslation();
  const editor = useRuleEditor(rule);
  const name = rule.name || rule.id;
  return (
    <Section
      title={t('settings.rules.editTitle', { name })}
      back={{ to: `/settings/rules/${rule.id}`, label: name }}
    >
      {editor.conflict && (
        <Conflict
          by={rule.updated_by}
          at={rule.updated_at}
          base={toBody(editor.draft.base)}
          theirs={toBody(toForm(rule))}
          mine={toBody(editor.form)}
          onMine={editor.keepMine}
          onTheirs={editor.discard}
        />
      )}
      <Form editor={editor} rule={rule} />
    </Section>
  );
}

function useRuleEditor(rule: RuleOut | null): Editor<RuleForm> {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const refresh = useRefreshRules();
  return useEditor<RuleForm, RuleOut>({
    key: `rules/${rule?.id ?? 'new'}`,
    saved: rule === null ? NEW_RULE : toForm(rule),
    version: rule?.version ?? null,
    save: (form, version) =>
      version === null ? createRule(toBody(form)) : changeRule(toBody(form), version),
    onSaved: async (stored) => {
      await refresh(stored.id);
      void navigate(`/settings/rules/${stored.id}`);
    },
    refresh: () => refresh(rule?.id ?? ''),
    check: (form) =>
      Object.fromEntries(
        Object.entries(checkRule(form)).map(([path, what]) => [path, t(`settings.check.${what}`)]),
      ),
  });
}

function Form({ editor, rule }: { editor: Editor<RuleForm>; rule: RuleOut | null }) {
  const { t } = useTranslation();
  const words = useRuleWords();
  return (
    <form className={styles.stack} onSubmit={editor.submit} noValidate>
      <Complaints editor={editor} />
      <p className={styles.preview} aria-live="polite">
        <span className="sr-only">{t('settings.rules.preview')} </span>
        {words.rule(toBody(editor.form))}
      </p>
      <RuleFields editor={editor} isNew={rule === null} />
      <RuleSaveBar editor={editor} rule={rule} />
    </form>
  );
}
