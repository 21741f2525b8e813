/** The contacts: one chunk, loaded when somebody opens them. */
import { lazy, Suspense } from 'react';
import { Route, Routes } from 'react-router';
import { Loading } from '../settings/parts/Loading';
import ContactPage from './ContactPage';
import ContactsPage from './ContactsPage';
import { EditContactPage, NewContactPage } from './EditPages';

const FiguresPage = lazy(() => import('./FiguresPage'));

export default function ContactsPages() {
  return (
    <Suspense fallback={<Loading />}>
      <Routes>
        <Route index element={<ContactsPage />} />
        <Route path="new" element={<NewContactPage />} />
        <Route path="figures" element={<FiguresPage />} />
        <Route path=":id" element={<ContactPage />} />
        <Route path=":id/edit" element={<EditContactPage />} />
      </Routes>
    </Suspense>
  );
}
