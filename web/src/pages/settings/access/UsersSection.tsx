/** Who may sign in, and what each may do and see. */
import { Button, Drawer, Table } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, Route, Routes, useNavigate, useParams } from 'react-router';
import { useFormat } from '../../../format/use-format';
import { ErrorNotice } from '../../../shell/Notice';
import { useSession } from '../../../shell/use-session';
import { Badge, Section } from '../../../ui/form/Section';
import { Loading } from '../parts/Loading';
import styles from './Access.module.css';
import { AddUser } from './AddUser';
import { EditUser } from './EditUser';
import { type User, users, usersKey } from './queries';
import { useQueueWords } from './words';

export default function UsersSection() {
  return (
    <>
      <UserList />
      <Routes>
        <Route path="new" element={<AddUserDrawer />} />
        <Route path=":name" element={<EditUserDrawer />} />
      </Routes>
    </>
  );
}

function UserList() {
  const { t } = useTranslation();
  const list = useQuery({ queryKey: usersKey, queryFn: users });
  return (
    <Section
      title={t('settings.nav.users')}
      lead={t('access.usersLead')}
      actions={
        <Button component={Link} to="/settings/users/new" leftSection={<IconPlus size={16} />}>
          {t('access.addUser')}
        </Button>
      }
    >
      {list.isPending && <Loading />}
      {list.isError && list.data === undefined && (
        <ErrorNotice error={list.error} retry={() => void list.refetch()} />
      )}
      {list.data !== undefined && (
        <div className={styles.scroller}>
          <Table verticalSpacing="sm" className={styles.table} highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('access.name')}</Table.Th>
                <Table.Th>{t('access.role')}</Table.Th>
                <Table.Th>{t('access.queues')}</Table.Th>
                <Table.Th>{t('access.numbers')}</Table.Th>
                <Table.Th>{t('access.lastSignIn')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.data.map((user) => (
                <UserLine key={user.name} user={user} />
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Section>
  );
}

function UserLine({ user }: { user: User }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queues = useQueueWords();
  const own = useSession()?.name === user.name;
  return (
    <Table.Tr className={user.disabled ? styles.gone : undefined}>
      <Table.Td>
        <div className={styles.badges}>
          <span className={styles.name}>
            <Link to={`/settings/users/${encodeURIComponent(user.name)}`}>{user.name}</Link>
          </span>
          {own && <Badge>{t('access.you')}</Badge>}
          {user.disabled && <Badge tone="risk">{t('access.disabled')}</Badge>}
          {user.issuer !== null && <Badge>{t('access.byProvider')}</Badge>}
        </div>
      </Table.Td>
      <Table.Td data-label={t('access.role')}>{t(`role.${user.role}`)}</Table.Td>
      <Table.Td data-label={t('access.queues')}>
        {queues(user.role === 'admin' ? null : (user.queues ?? null))}
      </Table.Td>
      <Table.Td data-label={t('access.numbers')}>
        {t(user.sees_numbers ? 'access.shown' : 'access.masked')}
      </Table.Td>
      <Table.Td className={styles.nowrap} data-label={t('access.lastSignIn')}>
        {user.last_sign_in_at === null ? (
          <span className={styles.dim}>{t('access.never')}</span>
        ) : (
          format.dateTime(Date.parse(user.last_sign_in_at))
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function AddUserDrawer() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const close = () => void navigate('/settings/users');
  return (
    <AccessDrawer title={t('access.addUser')} onClose={close}>
      <AddUser onDone={close} />
    </AccessDrawer>
  );
}

function EditUserDrawer() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { name = '' } = useParams();
  const list = useQuery({ queryKey: usersKey, queryFn: users });
  const user = list.data?.find((one) => one.name === name);
  const close = () => void navigate('/settings/users');
  return (
    <AccessDrawer title={name} onClose={close}>
      {user !== undefined && <EditUser key={user.name} user={user} onDone={close} />}
      {user === undefined && list.data !== undefined && (
        <p role="status">{t('access.noSuchUser', { name })}</p>
      )}
    </AccessDrawer>
  );
}

function AccessDrawer({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: React.ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      title={title}
      classNames={{ title: styles.drawerTitle ?? '' }}
      // Its way to stop the page behind from scrolling is a style element, which the policy forbids.
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t('settings.form.close') }}
    >
      {children}
    </Drawer>
  );
}
