import type { Words } from './words';

/** Portuguese, as it is written in Brazil. */
export const pt: Words = {
  'help.text':
    '{company}: escrevemos sobre vagas e candidaturas. Responda STOP para deixar de receber mensagens e START para voltar a receber.',
  'help.contact': 'Perguntas: {contact}',

  'mail.why': 'Você está recebendo este e-mail porque está em contato com {company}.',
  'mail.seeMessage': 'Ver mensagem',
  'mail.howToAnswer': 'Pode responder a este e-mail, ou responder e enviar ficheiros na sua página.',
  'mail.unsubscribe': 'Cancelar inscrição',

  'unsubscribe.title': 'Cancelar inscrição',
  'unsubscribe.ask': 'Você não quer mais receber e-mails de {company}?',
  'unsubscribe.address': 'Eles são enviados para {address}.',
  'unsubscribe.what':
    'Os e-mails sobre as suas candidaturas também deixarão de ser enviados. Você pode se inscrever novamente nesta página.',
  'unsubscribe.submit': 'Cancelar inscrição',
  'unsubscribe.doneTitle': 'Inscrição cancelada',
  'unsubscribe.done': '{company} não envia mais e-mails para {address}.',
  'unsubscribe.doneSomewhere': '{company} não envia mais e-mails para este endereço.',
  'unsubscribe.changed': 'Mudou de ideia?',
  'unsubscribe.again': 'Inscrever-se novamente',
  'unsubscribe.goneTitle': 'Este link não funciona',
  'unsubscribe.gone':
    'Copie o endereço completo do e-mail ou responda a ele dizendo que não quer receber mais.',
};
