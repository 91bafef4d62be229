export { EmployerPage } from './employer-page';
export { PeoplePage } from './people-page';
export { PersonPage } from './person-page';
