import { Route, Routes } from 'react-router';
import { QueueEditor } from './QueueEditor';
import { QueueList } from './QueueList';

export default function QueuesSection() {
  return (
    <Routes>
      <Route index element={<QueueList />} />
      <Route path=":id" element={<QueueEditor />} />
    </Routes>
  );
}
