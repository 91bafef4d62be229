export { VacanciesPage } from './vacancies-page';
