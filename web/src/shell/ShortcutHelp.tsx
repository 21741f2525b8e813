import { useTranslation } from 'react-i18next';
import { Dialog } from '../ui/Dialog';
import styles from './ShortcutHelp.module.css';
import { GO_KEYS } from './shortcuts';

/** Which keys do what. */
export default function ShortcutHelp({ admin, onClose }: { admin: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t('shell.shortcuts')} onClose={onClose}>
      <dl className={styles.keys}>
        {Object.entries(GO_KEYS)
          .filter(([, to]) => to !== 'settings' || admin)
          .map(([key, to]) => (
            <div key={key}>
              <dt>
                <kbd>g</kbd> {t('shell.then')} <kbd>{key}</kbd>
              </dt>
              <dd>{t(`shell.keys.${to}`)}</dd>
            </div>
          ))}
        <div>
          <dt>
            <kbd>/</kbd>
          </dt>
          <dd>{t('shell.keys.search')}</dd>
        </div>
        <div>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>{t('shell.keys.help')}</dd>
        </div>
        <div>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>{t('shell.keys.dismiss')}</dd>
        </div>
      </dl>
    </Dialog>
  );
}
