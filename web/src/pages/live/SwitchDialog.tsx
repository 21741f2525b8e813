import { Button, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { turnSwitch } from '../../api/live-actions';
import { useErrorText } from '../../shell/Notice';
import { Dialog } from '../../ui/Dialog';
import styles from './SwitchDialog.module.css';

interface Props {
  /** How the switch is now. */
  readonly on: boolean;
  readonly onClose: () => void;
}

/** Says what turning it means, and asks for a word why. */
export default function SwitchDialog({ on, onClose }: Props) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [note, setNote] = useState('');
  const turn = useMutation({
    mutationFn: () => turnSwitch(!on, note.trim()),
    onSuccess: onClose,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    turn.mutate();
  };
  return (
    <Dialog title={t(on ? 'overflow.turnOffTitle' : 'overflow.turnOnTitle')} onClose={onClose}>
      <form className={styles.form} onSubmit={submit}>
        <p>{t(on ? 'overflow.turnOffText' : 'overflow.turnOnText')}</p>
        <Textarea
          label={t('overflow.note')}
          description={t('overflow.noteHelp')}
          maxLength={500}
          autosize
          minRows={2}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {turn.isError && (
          <p role="alert" className={styles.failed}>
            {errorText(turn.error)}
          </p>
        )}
        <div className={styles.actions}>
          <Button variant="default" onClick={onClose}>
            {t('overflow.cancel')}
          </Button>
          <button type="submit" className={styles.turn} data-on={on} disabled={turn.isPending}>
            {t(on ? 'overflow.turnOff' : 'overflow.turnOn')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
