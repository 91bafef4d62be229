import type { Words } from './words';

/** Portuguese, as it is written in Brazil. */
export const pt: Words = {
  'help.text':
    '{company}: escrevemos sobre vagas e candidaturas. Responda STOP para deixar de receber mensagens e START para voltar a receber.',
  'help.contact': 'Perguntas: {contact}',

  'mail.why': 'Você está recebendo este e-mail porque está em contato com {company}.',
  'mail.seeMessage': 'Ver mensagem',
  'mail.howToAnswer': 'Você pode responder a este e-mail ou responder e enviar arquivos na sua página.',
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

  'newLinks.subject': 'Suas mensagens de {company}',
  'newLinks.text': 'Você pediu novos links. Aqui você pode ler as mensagens de {company} e respondê-las:',
  'newLinks.general': 'Mensagens',
  'newLinks.notYou': 'Se não foi você quem pediu, não precisa fazer nada.',
  'page.title': 'Mensagens de {company}',
  'page.you': 'Você',
  'page.viaEmail': 'E-mail',
  'page.viaPage': 'Esta página',
  'page.today': 'Hoje',
  'page.yesterday': 'Ontem',
  'page.older': 'Mostrar mensagens anteriores',
  'page.none': 'Ainda não há mensagens.',
  'page.message': 'Sua mensagem',
  'page.send': 'Enviar',
  'page.attach': 'Anexar um arquivo',
  'page.file': 'Arquivo',
  'page.uploading': 'Enviando {file}…',
  'page.remove': 'Remover {file}',
  'page.rejected': 'Esta candidatura foi encerrada, por isso você não pode mais escrever aqui.',
  'page.turnTo': 'Se tiver alguma dúvida, escreva para {contact}.',
  'page.failed': 'Não funcionou. Verifique sua conexão e tente novamente: o que você escreveu continua aqui.',
  'page.tooMuch': 'Foi muito de uma vez. Espere alguns minutos e tente novamente.',
  'page.tooLarge': 'O arquivo tem mais de 20 MB. Envie um menor.',
  'page.wrongFile':
    'Este tipo de arquivo não pode ser enviado aqui. Envie uma imagem, um PDF, um arquivo do Office, texto simples, uma gravação ou um vídeo.',
  'page.goneTitle': 'Este link não funciona mais',
  'page.gone': 'Se você tem um e-mail mais recente da empresa, abra o link que está nele. Ou peça um novo.',
  'page.broken': 'Falta uma parte do endereço. Abra o link do e-mail mais recente que você tem da empresa.',
  'page.email': 'Seu endereço de e-mail',
  'page.emailWrong': 'Escreva seu endereço de e-mail completo.',
  'page.ask': 'Enviar um novo link',
  'page.askedTitle': 'Veja sua caixa de entrada',
  'page.asked': 'Se a empresa conhece este endereço, um e-mail com um novo link está a caminho.',
};
