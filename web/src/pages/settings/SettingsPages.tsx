/** The settings: one chunk, loaded when somebody opens them; each section is a page of its own. */
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, Outlet, Route, Routes } from 'react-router';

const RulesSection = lazy(() => import('./rules/RulesSection'));
const UsersSection = lazy(() => import('./access/UsersSection'));
const TokensSection = lazy(() => import('./access/TokensSection'));

export default function SettingsPages() {
  return (
    <Routes>
      <Route element={<SettingsFrame />}>
        <Route path="rules/*" element={<RulesSection />} />
        <Route path="users/*" element={<UsersSection />} />
        <Route path="tokens/*" element={<TokensSection />} />
      </Route>
    </Routes>
  );
}

function SettingsFrame() {
  const { t } = useTranslation();
  return (
    <main id="content">
      <h1>{t('app.settings')}</h1>
      <nav aria-label={t('app.settings')}>
        <NavLink to="/settings/rules">rules</NavLink>
      </nav>
      <Suspense>
        <Outlet />
      </Suspense>
    </main>
  );
}
