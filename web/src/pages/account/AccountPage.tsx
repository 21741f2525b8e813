import { useTranslation } from 'react-i18next';

export default function AccountPage() {
  const { t } = useTranslation();
  return (
    <main id="content">
      <h1>{t('app.ownAccount')}</h1>
    </main>
  );
}
