import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type Draft, useDraft } from '../../../ui/form/drafts';
import { merged } from '../../../ui/form/same';
import { isConflict, useFieldErrors, useProblemText } from '../errors';

interface Wanted<F extends object, S> {
  /** `section/id`; `section/new` for what does not exist yet. */
  readonly key: string;
  readonly saved: F;
  readonly version: number | null;
  save(form: F, version: number | null): Promise<S>;
  onSaved(stored: S): Promise<unknown> | undefined;
  /** Reads again what the server has. */
  refresh(): Promise<unknown>;
  /** What is wrong before it is sent, in words by field. */
  check?(form: F): Readonly<Record<string, string>>;
}

export interface Editor<F extends object> {
  readonly draft: Draft<F>;
  readonly form: F;
  set: Draft<F>['set'];
  error(path: string): string | undefined;
  /** All complaints, by field. */
  readonly errors: Readonly<Record<string, string>>;
  /** What went wrong that is no field's fault; empty when nothing did. */
  readonly problem: string;
  readonly saving: boolean;
  readonly isSaved: boolean;
  /** Somebody saved a newer version than the one that this draft began from. */
  readonly conflict: boolean;
  submit(event?: FormEvent): void;
  /** Saves what is given, whatever stands in the draft. */
  send(form: F): void;
  keepMine(): void;
  discard(): void;
}

/** One form: its draft, sending it, what the server says to it, and what others did meanwhile. */
export function useEditor<F extends object, S>(wanted: Wanted<F, S>): Editor<F> {
  const { key, saved, version } = wanted;
  const draft = useDraft(key, saved, version);
  const [checked, setChecked] = useState<Readonly<Record<string, string>>>({});
  const text = useProblemText();
  const fieldErrors = useFieldErrors();
  const sending = useMutation({
    mutationFn: (form: F) => wanted.save(form, draft.version),
    onSuccess: async (stored) => {
      await wanted.onSaved(stored);
      draft.discard();
    },
    onError: (error) => (isConflict(error) ? wanted.refresh() : undefined),
  });
  const refused = fieldErrors(sending.error);
  const errors = Object.keys(checked).length > 0 ? checked : refused;
  const conflict = draft.dirty && draft.version !== version;
  const isField = Object.keys(refused).length > 0;
  const forget = () => {
    setChecked({});
    sending.reset();
  };
  const send = (form: F) => {
    const found = wanted.check?.(form) ?? {};
    setChecked(found);
    if (Object.keys(found).length === 0) sending.mutate(form);
  };
  return {
    draft,
    form: draft.value,
    set: draft.set,
    errors,
    error: (path) => errors[path],
    problem: sending.isError && !isField && !conflict ? text(sending.error) : '',
    saving: sending.isPending,
    isSaved: sending.isSuccess,
    conflict,
    submit: (event) => {
      event?.preventDefault();
      send(draft.value);
    },
    send,
    keepMine: () => {
      forget();
      draft.rebase(saved, version, merged(draft.base, draft.value, saved));
    },
    discard: () => {
      forget();
      draft.discard();
    },
  };
}
