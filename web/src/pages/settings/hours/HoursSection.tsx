import { Route, Routes } from 'react-router';
import { CalendarEditor } from './CalendarEditor';
import { CalendarList } from './CalendarList';

export default function HoursSection() {
  return (
    <Routes>
      <Route index element={<CalendarList />} />
      <Route path=":id" element={<CalendarEditor />} />
    </Routes>
  );
}
