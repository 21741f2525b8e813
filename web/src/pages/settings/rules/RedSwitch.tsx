import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../format/use-format';
import { useLiveStore } from '../../../live/context';
import { Confirm } from '../../../ui/form/Confirm';
import { TextField } from '../../../ui/form/fields';
import { useProblemText } from '../errors';
import { turnSwitch } from '../queries';
import styles from './Rules.module.css';

/** The big red switch: everything that is done for callers, on or off. */
export function RedSwitch() {
  const { t } = useTranslation();
  const format = useFormat();
  const problem = useProblemText();
  const store = useLiveStore();
  const state = useSyncExternalStore(
    store.subscribe,
    () => store.getView().state?.overflow.switch ?? null,
  );
  const [asking, setAsking] = useState(false);
  const [note, setNote] = useState('');
  const turn = useMutation({
    mutationFn: (on: boolean) => turnSwitch(on, note),
    onSuccess: () => {
      setAsking(false);
      setNote('');
    },
  });
  if (state === null) return null;
  const since = state.at === null ? '' : format.dateTime(Date.parse(state.at));
  return (
    <div className={styles.switch} data-on={state.on}>
      <p className={styles.switchWords} role="status">
        <strong>{t(state.on ? 'settings.switch.on' : 'settings.switch.off')}</strong>
        <span>
          {state.on ? t('settings.switch.onText') : t('settings.switch.offText')}
          {state.by !== '' && ` ${t('settings.switch.by', { by: state.by, at: since })}`}
          {state.note !== '' && ` « ${state.note} »`}
        </span>
      </p>
      <Button
        {...(state.on ? { color: 'red', variant: 'light' } : {})}
        onClick={() => setAsking(true)}
      >
        {t(state.on ? 'settings.switch.turnOff' : 'settings.switch.turnOn')}
      </Button>
      <Confirm
        opened={asking}
        title={t(state.on ? 'settings.switch.askOff' : 'settings.switch.askOn')}
        yes={t(state.on ? 'settings.switch.turnOff' : 'settings.switch.turnOn')}
        danger={state.on}
        busy={turn.isPending}
        error={turn.isError ? problem(turn.error) : undefined}
        onYes={() => turn.mutate(!state.on)}
        onClose={() => setAsking(false)}
      >
        <p>{t(state.on ? 'settings.switch.offMeans' : 'settings.switch.onMeans')}</p>
        <TextField
          label={t('settings.switch.note')}
          help={t('settings.switch.noteHelp')}
          value={note}
          onChange={setNote}
        />
      </Confirm>
    </div>
  );
}
