export default function UsersSection() {
  return <section />;
}
