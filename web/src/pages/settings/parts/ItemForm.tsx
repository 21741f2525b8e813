import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Confirm } from '../../../ui/form/Confirm';
import { SaveBar } from '../../../ui/form/SaveBar';
import styles from '../../../ui/form/Section.module.css';
import { useProblemText } from '../errors';
import { deleteItem, type Many } from '../queries';
import { Complaints } from './Complaints';
import { Conflict } from './Conflict';
import type { Editor } from './use-editor';
import { useRefreshSettings } from './use-settings';

interface Stored {
  readonly updated_by: string;
  readonly updated_at: string;
  readonly body: unknown;
}

/** The frame of a form: what others saved meanwhile, what is wrong, the fields, the save bar. */
export function ItemForm<F extends object>({
  editor,
  item,
  toBody,
  children,
}: {
  editor: Editor<F>;
  item: Stored | null;
  toBody: (form: F) => unknown;
  children: ReactNode;
}) {
  return (
    <form className={styles.section} onSubmit={editor.submit} noValidate>
      {editor.conflict && item !== null && (
        <Conflict
          by={item.updated_by}
          at={item.updated_at}
          base={toBody(editor.draft.base)}
          theirs={item.body}
          mine={toBody(editor.form)}
          onMine={editor.keepMine}
          onTheirs={editor.discard}
        />
      )}
      <Complaints editor={editor} />
      {children}
      <SaveBar
        dirty={editor.draft.dirty}
        saving={editor.saving}
        saved={editor.isSaved}
        onDiscard={editor.discard}
      />
    </form>
  );
}

/** Asks, deletes, and goes back to the list. */
export function DeleteItem({
  kind,
  item,
  back,
  children,
}: {
  kind: Many;
  item: { readonly id: string; readonly version: number };
  back: string;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const refresh = useRefreshSettings();
  const problem = useProblemText();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => deleteItem(kind, item.id, item.version),
    onSuccess: async () => {
      void navigate(back);
      await refresh();
    },
    onError: refresh,
  });
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {t('settings.form.delete')}
      </Button>
      <Confirm
        opened={asking}
        title={t('settings.form.askDelete', { name: item.id })}
        yes={t('settings.form.delete')}
        danger
        busy={remove.isPending}
        error={remove.isError ? problem(remove.error) : undefined}
        onYes={() => remove.mutate()}
        onClose={() => setAsking(false)}
      >
        {children}
      </Confirm>
    </>
  );
}
