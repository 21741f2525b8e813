import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { RuleOut } from '../../../api/types';
import { SaveBar } from '../../../ui/form/SaveBar';
import type { Editor } from '../parts/use-editor';
import { IN_STATE, type RuleForm, type RuleState, stateOf } from './body';

/**
 * How to save depends on where the rule stands: a change to an armed rule goes back to the dry run,
 * unless somebody says that it stays armed.
 */
export function RuleSaveBar({ editor, rule }: { editor: Editor<RuleForm>; rule: RuleOut | null }) {
  const { t } = useTranslation();
  const { draft, saving, form } = editor;
  const state = rule === null ? 'draft' : stateOf(rule);
  const save = (next: RuleState) => editor.send({ ...form, ...IN_STATE[next] });
  const second: RuleState | null = {
    draft: 'draft',
    dry_run: null,
    armed: 'armed',
    paused: 'paused',
  }[state] as RuleState | null;
  return (
    <SaveBar dirty={draft.dirty} saving={saving} onDiscard={editor.discard}>
      {second !== null && (
        <Button variant="default" disabled={!draft.dirty} onClick={() => save(second)}>
          {t(`settings.saveAs.${second}`)}
        </Button>
      )}
      <Button disabled={!draft.dirty} loading={saving} onClick={() => save('dry_run')}>
        {t('settings.saveAs.dry_run')}
      </Button>
    </SaveBar>
  );
}
